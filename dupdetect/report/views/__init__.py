"""What the templates of the HTML page draw: one module for each view, plain values, no markup.

In: results. Out: frozen values in the order in which they are drawn; only `html` takes them from
here.
"""
