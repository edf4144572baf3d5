-- What is over is emptied after its days (docs/exchange.md); the row stays, since by its cause nothing is told twice.
CREATE INDEX webhook_message_kept ON webhook_message (made_at) WHERE body <> '';
