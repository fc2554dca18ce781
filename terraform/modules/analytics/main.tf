# Figures of days and counters of pages, which stay.
module "figures" {
  source = "../table"

  creator      = var.creator
  name         = "analytics"
  protect_data = var.protect_data
  tags         = var.tags
}

# The salts of the days, and what visitors did within one: nothing of it may live on, so that a backup reaches back
# for one day, the least that DynamoDB has, and nothing is lost with it.
module "visits" {
  source = "../table"

  creator       = var.creator
  name          = "analytics-visits"
  recovery_days = 1
  protect_data  = false
  tags          = var.tags
}

# Single page views, and what Athena found in them. Not versioned: what is removed must not live on as a version.
module "events" {
  source = "../private-bucket"

  bucket        = "${var.creator.slug}-analytics-${var.creator.account_id}"
  versioned     = false
  key           = var.creator.key
  force_destroy = !var.protect_data
  tags          = var.tags

  prefix_expiration_days = {
    "events/"  = var.settings.retention_days
    "errors/"  = var.settings.retention_days
    "answers/" = 7
  }
}
