from django.db import migrations, models

from activity.search import names_in, words_of

# Only PostgreSQL has an index of the beginnings of words. Without a list of pending entries no insert waits for all of
# them, and no search reads them.
INDEX = """
CREATE INDEX activity_search ON activity_activity
USING gin (array_to_tsvector(string_to_array(search_text, ' '))) WITH (fastupdate = off)
"""


def fill(apps, schema_editor):
    """An event's title stands in the activities of the event itself, and comes before those of its invitations."""
    Activity = apps.get_model("activity", "Activity")
    titles, waiting = {}, []
    for row in Activity.objects.order_by("position").iterator():
        row.title = row.data.get("title") or titles.get(row.event_id, "")
        if row.event_id:
            titles[row.event_id] = row.title
        row.search_text = words_of(row.actor_name, row.title, *names_in(row.data))
        waiting.append(row)
        if len(waiting) == 500:
            Activity.objects.bulk_update(waiting, ["title", "search_text"])
            waiting.clear()
    Activity.objects.bulk_update(waiting, ["title", "search_text"])


def add_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(INDEX)


def remove_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX activity_search")


class Migration(migrations.Migration):

    dependencies = [
        ("activity", "0003_audience_streams"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="search_text",
            field=models.TextField(db_default="", editable=False),
        ),
        migrations.AddField(
            model_name="activity",
            name="title",
            field=models.CharField(blank=True, db_default="", max_length=255, verbose_name="title"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["room_id", "position"], name="activity_room"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["actor_id", "position"], name="activity_actor"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["occurred_at"], name="activity_time"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("request_id", ""), _negated=True), fields=["request_id"], name="activity_request"
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["via", "position"], name="activity_via"),
        ),
        migrations.RunPython(add_index, remove_index),
    ]
