from django.conf import settings
from django.db import migrations, models

from events.intervals import node_of

BATCH = 2000


def place_rows(apps, schema_editor):
    agenda = apps.get_model('events', 'Agenda').objects
    rows = agenda.order_by('pk')
    while batch := list(rows[:BATCH]):
        for row in batch:
            row.interval_node = node_of(row.sort_at, row.last_end_at)
        agenda.bulk_update(batch, ['interval_node'], batch_size=200)
        rows = rows.filter(pk__gt=batch[-1].pk)


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0002_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # sort_at says it already.
        migrations.RemoveField(
            model_name='agenda',
            name='is_time_independent',
        ),
        migrations.AddField(
            model_name='agenda',
            name='interval_node',
            field=models.BigIntegerField(default=0, editable=False),
            preserve_default=False,
        ),
        migrations.RunPython(place_rows, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='agenda',
            index=models.Index(fields=['user', 'interval_node', 'last_end_at', 'sort_at'], name='agenda_user_interval'),
        ),
        migrations.AddIndex(
            model_name='agenda',
            index=models.Index(condition=models.Q(('is_favorite', True)), fields=['user', 'sort_at', 'created_at', 'event'], name='agenda_user_favorites'),
        ),
        migrations.AddIndex(
            model_name='agenda',
            index=models.Index(fields=['user', 'invite_status', 'sort_at', 'created_at', 'event'], name='agenda_user_invite_status'),
        ),
    ]
