"""The shapes of a chat completion: in one file each, how a request is written and a reply read.

A shape is a module with what `shape.ChatShape` names. It is pure: no I/O, and nothing kept from one
call to the next.
"""
