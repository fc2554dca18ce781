# A key of the creator's own, and the second region: all of it off, and nothing made, unless asked for.

module "encryption_key" {
  source = "../modules/encryption-key"
  count  = var.encryption.own_key ? 1 : 0

  slug       = var.slug
  account_id = var.account_id
}

module "encryption_key_standby" {
  source    = "../modules/encryption-key"
  count     = var.encryption.own_key && var.enable_failover ? 1 : 0
  providers = { aws = aws.standby }

  slug       = var.slug
  account_id = var.account_id
}

locals {
  has_api_domain = local.has_standby && var.enable_s3_website && var.s3_website.domain_ready

  # What visitors see, by the name of its origin.
  replicas = var.enable_failover ? merge(
    var.enable_s3_website ? { site = { bucket = module.s3_website[0].site_bucket, prefix = "", uploads = false } } : {},
    var.enable_s3_website && var.enable_sponsor_system ? { creatives = { bucket = module.sponsor_system[0].sponsor_assets_bucket, prefix = "media/", uploads = true } } : {},
    var.enable_s3_website && var.enable_shop ? { products = { bucket = module.shop[0].images_bucket, prefix = "media/", uploads = true } } : {},
  ) : {}
  copies = {
    creatives = contains(keys(local.replicas), "creatives") ? module.bucket_replica["creatives"].domain : null
    products  = contains(keys(local.replicas), "products") ? module.bucket_replica["products"].domain : null
  }
}

module "bucket_replica" {
  source   = "../modules/bucket-replica"
  for_each = local.replicas

  providers = {
    aws         = aws
    aws.standby = aws.standby
  }

  bucket           = each.value.bucket
  prefix           = each.value.prefix
  account_id       = var.account_id
  key              = each.value.uploads ? local.key : null
  distribution_arn = local.distribution_arn
  has_distribution = true
}

module "failover" {
  source = "../modules/failover"
  count  = local.has_standby ? 1 : 0

  creator      = merge(local.creator, { mail_from = null })
  api          = local.api
  code         = local.code["failover"]
  failures_arn = local.failures_arn
}

module "second_region" {
  source    = "../modules/second-region"
  count     = local.has_standby ? 1 : 0
  providers = { aws = aws.standby }

  site_origins = local.site_origins
  artifacts    = var.lambda_artifacts
  failures_arn = local.failures_arn

  creator = merge(local.creator_and_members, {
    key = var.encryption.own_key ? { arn = module.encryption_key_standby[0].arn } : null
  })

  modules = merge(
    { failover = module.failover[0].standby },
    var.enable_ivs_streaming ? { ivs-streaming = module.ivs_streaming[0].standby } : {},
    var.enable_contact_form ? { contact-form = module.contact_form[0].standby } : {},
    var.enable_sponsor_system ? { sponsor-system = module.sponsor_system[0].standby } : {},
    var.enable_shop ? { shop = module.shop[0].standby } : {},
    var.enable_membership ? { membership = module.membership[0].standby } : {},
    var.enable_events ? { events = module.events[0].standby } : {},
    var.enable_polls ? { polls = module.polls[0].standby } : {},
    var.enable_newsletter ? { newsletter = module.newsletter[0].standby } : {},
    var.enable_analytics ? { analytics = module.analytics[0].standby } : {},
  )
}

module "api_domain" {
  source = "../modules/api-domain"
  count  = local.has_api_domain ? 1 : 0

  providers = {
    aws         = aws
    aws.standby = aws.standby
  }

  slug    = var.slug
  domain  = var.domain
  zone_id = module.s3_website[0].zone_id

  api = {
    id       = module.http_api[0].api_id
    stage    = module.http_api[0].stage
    endpoint = module.http_api[0].api_endpoint
  }

  standby_api = {
    id    = module.second_region[0].api_id
    stage = module.second_region[0].api_stage
  }
}
