# Events and who comes. What was erased must not live on in backups for long. The stream tells only that there is
# something, so that nothing personal gets into the queue of failures.
module "table" {
  source = "../table"

  creator          = var.creator
  name             = "events"
  indexes          = { gsi1 = { hash_key = "gsi1pk", range_key = "gsi1sk" } }
  stream_view_type = "KEYS_ONLY"
  recovery_days    = 7
  protect_data     = var.protect_data
  tags             = var.tags
}
