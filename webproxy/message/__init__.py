"""The pure meaning of HTTP messages: values and decisions, no Twisted, no sockets, no clocks."""
