# Polls, votes and their counters. Votes are deleted some days after their poll has closed: backups must not keep
# for much longer who voted what.
module "table" {
  source = "../table"

  creator       = var.creator
  name          = "polls"
  indexes       = { gsi1 = { hash_key = "gsi1pk", range_key = "gsi1sk" } }
  recovery_days = 7
  protect_data  = var.protect_data
  tags          = var.tags
}
