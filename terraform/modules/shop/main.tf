module "products" {
  source = "../table"

  creator      = var.creator
  name         = "products"
  indexes      = { gsi1 = { hash_key = "gsi1pk", range_key = "gsi1sk" } }
  protect_data = var.protect_data
  tags         = var.tags
}

module "orders" {
  source = "../table"

  creator          = var.creator
  name             = "orders"
  stream_view_type = "NEW_IMAGE"
  protect_data     = var.protect_data
  tags             = var.tags

  indexes = {
    gsi1   = { hash_key = "gsi1pk", range_key = "gsi1sk" }
    person = { hash_key = "person", range_key = "pk", projection = "KEYS_ONLY" }
  }
}

# Editors upload below incoming/, where a function looks at the pictures; what it takes lies below media/, and only
# that is served.
module "images" {
  source = "../private-bucket"

  bucket                 = "${var.creator.slug}-product-images-${var.creator.account_id}"
  key                    = var.creator.key
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
