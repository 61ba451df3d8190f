"""The layer report: one explainer over the latents of a layer, examined on held-out documents, for people to read.

`options` is what the command takes; `layer` is the text, the activations and which latents can be explained; `session`
explains and grades one; `ledger` keeps what is done; `crossed` and `decided` say what is significant; `findings` puts
the report together, and `page` and `markdown` write it.
"""
