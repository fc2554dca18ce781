# Both tables are encrypted at rest with DynamoDB's own key, which is always on and free of charge.
resource "aws_dynamodb_table" "sponsors" {
  name                        = "${var.slug}-sponsors"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.protect_data
  tags                        = var.tags

  dynamic "attribute" {
    for_each = ["pk", "sk", "gsi1pk", "gsi1sk"]

    content {
      name = attribute.value
      type = "S"
    }
  }

  global_secondary_index {
    name            = "gsi1"
    hash_key        = "gsi1pk"
    range_key       = "gsi1sk"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table" "stats" {
  name                        = "${var.slug}-sponsor-stats"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.protect_data
  tags                        = var.tags

  dynamic "attribute" {
    for_each = ["pk", "sk"]

    content {
      name = attribute.value
      type = "S"
    }
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}

module "assets" {
  source = "../private-bucket"

  bucket        = "${var.slug}-sponsor-assets-${var.account_id}"
  force_destroy = !var.protect_data
  tags          = var.tags
}
