import django.db.models.deletion
from django.db import migrations, models

import sen.shared.kit.ids


class Migration(migrations.Migration):
    dependencies = [("gradebook", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="termrecord", name="versions", field=models.JSONField(blank=True, default=dict)
        ),
        migrations.CreateModel(
            name="StaleClass",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sen.shared.kit.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("since", models.DateTimeField(auto_now_add=True)),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "school_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="curriculum.schoolclass",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
    ]
