import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('capital', '0005_spend_by'),
        ('monitoring', '0034_positions_by_year'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='variancereason',
            name='variance_reasons_of_scheme',
        ),
        migrations.AddField(
            model_name='publishedscheme',
            name='scheme',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='capital.capitalscheme'),
        ),
        migrations.AddIndex(
            model_name='capitalscheme',
            index=models.Index(fields=['year', 'service', 'kind', 'original_budget_pence', 'total_budget_pence'], name='capital_scheme_sums'),
        ),
        migrations.AddIndex(
            model_name='programmechange',
            index=models.Index(fields=['year', 'state', 'reference', 'period'], name='programme_changes_listed'),
        ),
        migrations.AddIndex(
            model_name='publishedscheme',
            index=models.Index(fields=['report', 'scheme', 'forecast_pence', 'budget_pence'], name='published_scheme_variances'),
        ),
        migrations.AddIndex(
            model_name='variancereason',
            index=models.Index(fields=['period', 'scheme', 'kind', 'amount_pence'], name='variance_reasons_of_scheme'),
        ),
    ]
