"""Small definitions for tests."""

from __future__ import annotations

ORDERS = """\
openapi: 3.1.0
info:
  title: Orders
  version: 1.2.0
  description: |
    # Orders
    Follow what was bought.
servers:
  - url: https://orders.example.com/base
tags:
  - name: orders
security:
  - token: []
paths:
  /orders:
    get:
      operationId: listOrders
      summary: List orders
      tags: [orders]
      x-amazon-apigateway-integration: {uri: https://internal.example.com}
      responses:
        "200":
          description: Some
          content: {application/json: {example: [{id: o-1}]}}
    post:
      operationId: placeOrder
      summary: Place an order
      servers: [{url: https://write.example.com}]
      responses: {"201": {description: Placed}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getOrder
      summary: Read an order
      responses: {"200": {description: One, content: {application/json: {example: {id: o-1}}}}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
"""

ORDERS_NEXT = (
    ORDERS.replace("version: 1.2.0", "version: 1.3.0")
    .replace("summary: List orders", "summary: List all orders")
    .replace("summary: Read an order", "summary: Fetch an order")
    .replace("operationId: placeOrder", "operationId: createOrder")
    .replace("    post:", "    put:")
)
"""``POST /orders`` became ``PUT /orders``; the two GETs have other words."""
