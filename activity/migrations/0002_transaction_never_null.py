from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('activity', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='activity',
            name='transaction_id',
            field=models.BigIntegerField(default=0, editable=False, verbose_name='transaction'),
        ),
    ]
