"""OData v4 for Excel and Power BI: published figures, reports and services, read only."""
