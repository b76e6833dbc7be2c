"""English for readers in Vietnam."""
