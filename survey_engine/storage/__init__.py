"""Tables (SQLModel) and SQL statements of the two stores: answers and identity."""
