# Both tables are encrypted at rest with DynamoDB's own key, which is always on and free of charge.
resource "aws_dynamodb_table" "products" {
  name                        = "${var.creator.slug}-products"
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

resource "aws_dynamodb_table" "orders" {
  name                        = "${var.creator.slug}-orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  stream_enabled              = true
  stream_view_type            = "NEW_IMAGE"
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

# Editors upload below incoming/, where a function looks at the pictures; what it takes lies below media/, and only
# that is served.
module "images" {
  source = "../private-bucket"

  bucket                 = "${var.creator.slug}-product-images-${var.creator.account_id}"
  force_destroy          = !var.protect_data
  upload_origins         = var.site_origins
  prefix_expiration_days = { "incoming/" = 1 }
  tags                   = var.tags

  notify = {
    prefix        = "incoming/"
    function_name = module.functions.names["check_product_image"]
    function_arn  = module.functions.arns["check_product_image"]
    account_id    = var.creator.account_id
  }

  service_access = var.has_distribution ? [{
    sid        = "CloudFrontReads"
    service    = "cloudfront.amazonaws.com"
    actions    = ["s3:GetObject"]
    keys       = "media/products/*"
    source_arn = var.distribution_arn
  }] : []
}
