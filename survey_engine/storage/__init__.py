"""Tables (SQLModel) and the few statements the engine needs, in two stores: answers and identity."""
