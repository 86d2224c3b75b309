"""Reminders as lists of rules. Nothing wrote the table until now.

`offset_minutes` stays in it, empty, for processes of the version before, which read it when a series is split.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0008_uninvited_sequence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NextReminder',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='next_reminder', serialize=False, to='events.event', verbose_name='event')),
                ('look_at', models.DateTimeField(verbose_name='next look')),
                ('looked_at', models.DateTimeField(verbose_name='last look')),
            ],
            options={
                'verbose_name': 'next reminder',
                'verbose_name_plural': 'next reminders',
            },
        ),
        migrations.RemoveConstraint(
            model_name='reminder',
            name='reminder_unique_for_user',
        ),
        migrations.RemoveConstraint(
            model_name='reminder',
            name='reminder_unique_for_everybody',
        ),
        migrations.AlterField(
            model_name='reminder',
            name='offset_minutes',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name='reminder', name='offset_minutes')],
        ),
        migrations.AddField(
            model_name='reminder',
            name='address',
            field=models.EmailField(blank=True, db_default='', default='', max_length=255, verbose_name='address'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='is_off',
            field=models.BooleanField(db_default=False, default=False, verbose_name='switched off'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='is_planned',
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AddField(
            model_name='reminder',
            name='rules',
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name='rules'),
        ),
        migrations.AlterField(
            model_name='reminder',
            name='event',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='events.event', verbose_name='event'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('is_planned', False)), fields=['id'], name='reminder_unplanned'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('event', 'user'), name='reminder_unique_of_event_and_user'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(condition=models.Q(('user__isnull', True)), fields=('event',), name='reminder_unique_of_everybody'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(condition=models.Q(('event__isnull', True)), fields=('user',), name='reminder_unique_of_user'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(condition=models.Q(('address', ''), _negated=True), fields=('address',), name='reminder_unique_of_address'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('event__isnull', True), ('user__isnull', True)), ('address', ''), _connector='XOR'), name='reminder_of_event_user_or_address'),
        ),
        migrations.AddIndex(
            model_name='nextreminder',
            index=models.Index(fields=['look_at'], name='next_reminder_look_at'),
        ),
    ]
