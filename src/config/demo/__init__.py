"""The demo province: real schools, invented people and marks, the same on every machine.

Two sizes of one plan: about 20 schools to look at, or 640 schools and 400,000 pupils to measure with. Rows are made
as Polars frames school by school and written by COPY, without history: it is the state in which the demo begins.
"""
