locals {
  # Data is protected wherever it is real, unless the operator has said otherwise.
  protect_data = coalesce(var.protect_data, !var.emulated)

  enabled_modules = concat(
    var.enable_s3_website ? ["s3-website"] : [],
    var.enable_ivs_streaming ? ["ivs-streaming"] : [],
    var.enable_sponsor_system ? ["sponsor-system"] : [],
  )

  # Modules that bring functions and routes of the HTTP API.
  api_modules = setintersection(local.enabled_modules, ["sponsor-system"])
}

module "lambda_artifacts" {
  source = "../modules/lambda-artifacts"
  count  = length(local.api_modules) > 0 ? 1 : 0

  bucket       = "${var.slug}-lambda-artifacts-${var.account_id}"
  layer_name   = "${var.slug}-libraries"
  runtime      = var.lambda_artifacts.runtime
  architecture = var.lambda_artifacts.architecture
  layer        = var.lambda_artifacts.layer
  packages     = { for name in local.api_modules : name => var.lambda_artifacts.packages[name] }
}

module "http_api" {
  source = "../modules/http-api"
  count  = length(local.api_modules) > 0 ? 1 : 0

  name            = var.slug
  cors_origins    = ["https://${var.domain}", "https://www.${var.domain}"]
  route_throttles = merge(module.sponsor_system[*].route_throttles...)
}

module "sponsor_system" {
  source = "../modules/sponsor-system"
  count  = var.enable_sponsor_system ? 1 : 0

  slug         = var.slug
  domain       = var.domain
  account_id   = var.account_id
  currency     = var.sponsor_system.currency
  rates        = var.sponsor_system.rates
  max_days     = var.sponsor_system.max_days
  protect_data = local.protect_data
  tags         = { module = "sponsor-system" }

  api_id            = module.http_api[0].api_id
  api_execution_arn = module.http_api[0].execution_arn

  runtime      = var.lambda_artifacts.runtime
  architecture = var.lambda_artifacts.architecture
  layer_arn    = module.lambda_artifacts[0].layer_arn
  package      = module.lambda_artifacts[0].packages["sponsor-system"]
}

module "ivs_streaming" {
  source = "../modules/ivs-streaming"
  count  = var.enable_ivs_streaming ? 1 : 0

  slug                     = var.slug
  account_id               = var.account_id
  channel_type             = var.ivs_streaming.channel_type
  latency_mode             = var.ivs_streaming.latency_mode
  recording                = var.ivs_streaming.recording
  recording_retention_days = var.ivs_streaming.recording_retention_days
  authorized_playback      = var.ivs_streaming.authorized_playback
  playback_public_key      = var.ivs_streaming.playback_public_key
  protect_data             = local.protect_data
  tags                     = { module = "ivs-streaming" }
}

module "s3_website" {
  source = "../modules/s3-website"
  count  = var.enable_s3_website ? 1 : 0

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  slug            = var.slug
  name            = var.name
  domain          = var.domain
  account_id      = var.account_id
  domain_ready    = var.s3_website.domain_ready
  price_class     = var.s3_website.price_class
  waf             = var.s3_website.waf
  connect_sources = module.http_api[*].api_endpoint
  image_sources   = var.enable_sponsor_system ? ["https:"] : [] # sponsors host their creatives themselves
  tags            = { module = "s3-website" }
}
