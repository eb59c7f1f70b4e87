"""The Envoy driver: IR in, delta xDS out, access log back. Envoy's protobufs live only in this package."""
