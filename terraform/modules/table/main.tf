# A table as all modules have them: on demand, so that it costs nothing while nobody uses it; what has expired goes
# by itself; every second of the last days can be restored. Encrypted at rest with DynamoDB's own key, which is
# always on and free of charge, unless the creator has a key of their own.
resource "aws_dynamodb_table" "this" {
  # checkov:skip=CKV_AWS_119:A key of the creator's own costs $1 a month and is a choice of theirs

  name                        = "${var.creator.slug}-${var.name}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.protect_data
  stream_enabled              = local.stream_view_type != null
  stream_view_type            = local.stream_view_type
  tags                        = var.tags

  dynamic "attribute" {
    for_each = local.keys

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key
      range_key       = global_secondary_index.value.range_key
      projection_type = global_secondary_index.value.projection
    }
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.recovery_days
  }

  dynamic "server_side_encryption" {
    for_each = var.creator.key == null ? [] : [var.creator.key]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value.arn
    }
  }

  # A replica's recovery is for 35 days and no fewer: where data must not live on for that long, the replica has none.
  dynamic "replica" {
    for_each = var.creator.failover == null ? [] : [var.creator.failover]

    content {
      region_name            = replica.value.region
      kms_key_arn            = var.creator.key == null ? null : var.creator.key.standby_arn
      point_in_time_recovery = var.recovery_days == 35
      propagate_tags         = true
    }
  }
}

locals {
  keys = toset(concat(["pk", "sk"], flatten([for index in var.indexes : [index.hash_key, index.range_key]])))

  # What replicas are told of:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
  stream_view_type = var.creator.failover == null ? var.stream_view_type : "NEW_AND_OLD_IMAGES"
}
