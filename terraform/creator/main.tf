locals {
  # Data is protected wherever it is real, unless the operator has said otherwise.
  protect_data = coalesce(var.protect_data, !var.emulated)

  enabled_modules = concat(
    var.enable_s3_website ? ["s3-website"] : [],
    var.enable_user_auth ? ["user-auth"] : [],
    var.enable_ivs_streaming ? ["ivs-streaming"] : [],
    var.enable_ivs_chat ? ["ivs-chat"] : [],
    var.enable_contact_form ? ["contact-form"] : [],
    var.enable_sponsor_system ? ["sponsor-system"] : [],
    var.enable_shop ? ["shop"] : [],
    var.enable_membership ? ["membership"] : [],
    var.enable_events ? ["events"] : [],
    var.enable_polls ? ["polls"] : [],
    var.enable_newsletter ? ["newsletter"] : [],
    var.enable_analytics ? ["analytics"] : [],
    var.enable_monitoring ? ["monitoring"] : [],
    var.enable_backup ? ["backup"] : [],
  )

  # Modules that bring functions and routes of the HTTP API, and those among them that send mail.
  api_modules  = setsubtract(local.enabled_modules, ["s3-website"])
  has_api      = length(local.api_modules) > 0
  has_standby  = local.has_api && var.enable_failover
  packaged     = setunion(local.api_modules, local.has_standby ? ["failover"] : [])
  mail_modules = setintersection(local.enabled_modules, ["user-auth", "contact-form", "sponsor-system", "shop", "events", "newsletter"])
  has_mail     = length(local.mail_modules) > 0

  # Modules that may keep something of members, besides user-auth itself. By their names, known at once: they are
  # told of the user pool, and the user pool's functions call theirs.
  privacy_modules = setintersection(local.enabled_modules, ["ivs-chat", "contact-form", "sponsor-system", "shop", "membership", "events", "polls", "newsletter"])

  # One output of one module at a time, and never a splat over a module: that would wait for all of the module,
  # and modules that use each other's outputs would wait in a circle.

  # What the functions of all modules are told about their creator.
  creator = {
    slug       = var.slug
    name       = var.name
    domain     = var.domain
    account_id = var.account_id
    language   = var.language
    mail_from  = local.has_mail ? module.mail_identity[0].from_address : null
    key        = local.key
    failover   = local.failover
  }
  failover = var.enable_failover ? {
    region     = var.failover.region
    home       = var.region
    switch_arn = "arn:aws:dynamodb:${var.region}:${var.account_id}:table/${var.slug}-region"
  } : null
  key = var.encryption.own_key ? {
    arn         = module.encryption_key[0].arn
    standby_arn = var.enable_failover ? module.encryption_key_standby[0].arn : null
  } : null
  members             = var.enable_user_auth ? { issuer = module.user_auth[0].issuer, client_id = module.user_auth[0].client_id } : null
  creator_and_members = merge(local.creator, { members = local.members })

  api = local.has_api ? {
    id            = module.http_api[0].api_id
    execution_arn = module.http_api[0].execution_arn
    authorizer_id = module.http_api[0].authorizer_id
  } : null
  code = { for name in local.packaged : name => merge(module.lambda_artifacts[0].packages[name], {
    layer_arn    = module.lambda_artifacts[0].layer_arn
    runtime      = var.lambda_artifacts.runtime
    architecture = var.lambda_artifacts.architecture
  }) }
  failures_arn = local.has_api ? module.function_failures[0].queue_arn : null

  site_origins = [for host in [var.domain, "www.${var.domain}"] : "https://${host}"]
  mail         = local.has_mail ? module.mail_identity[0].permission : null

  # Buckets of other modules that the site serves from, below paths of their own.
  served = merge(
    var.enable_sponsor_system ? { creatives = { path = "/media/creatives/*", bucket_domain = module.sponsor_system[0].assets_domain } } : {},
    var.enable_shop ? { products = { path = "/media/products/*", bucket_domain = module.shop[0].images_domain } } : {},
    var.enable_ivs_streaming && var.ivs_streaming.recording && !var.ivs_streaming.authorized_playback ? { recordings = { path = "/ivs/v1/*", bucket_domain = module.ivs_streaming[0].recordings_domain } } : {},
  )
  media = { for name, served in local.served : name => merge(served, {
    standby_domain = lookup(local.copies, name, null)
    has_standby    = contains(keys(local.replicas), name)
  }) }
  # By its name and not by what membership gives out: modules that use each other's outputs would wait in a circle.
  playback_tier = var.ivs_streaming.playback_tier == null ? null : {
    tier      = var.ivs_streaming.playback_tier
    tiers     = var.membership.tiers[*].id
    table     = "${var.slug}-membership"
    table_arn = "arn:aws:dynamodb:${var.region}:${var.account_id}:table/${var.slug}-membership"
  }

  channel_arn      = var.enable_ivs_streaming ? module.ivs_streaming[0].channel_arn : null
  distribution_arn = var.enable_s3_website ? module.s3_website[0].distribution_arn : null
}

module "lambda_artifacts" {
  source = "../modules/lambda-artifacts"
  count  = local.has_api ? 1 : 0

  bucket       = "${var.slug}-lambda-artifacts-${var.account_id}"
  layer_name   = "${var.slug}-libraries"
  runtime      = var.lambda_artifacts.runtime
  architecture = var.lambda_artifacts.architecture
  layer        = var.lambda_artifacts.layer
  packages     = { for name in local.packaged : name => var.lambda_artifacts.packages[name] }
}

module "function_failures" {
  source = "../modules/function-failures"
  count  = local.has_api ? 1 : 0

  slug = var.slug
}

module "http_api" {
  source = "../modules/http-api"
  count  = local.has_api ? 1 : 0

  name         = var.slug
  cors_origins = local.site_origins
  has_members  = var.enable_user_auth
  members      = local.members
  route_throttles = merge(
    var.enable_user_auth ? module.user_auth[0].route_throttles : {},
    var.enable_ivs_streaming ? module.ivs_streaming[0].route_throttles : {},
    var.enable_ivs_chat ? module.ivs_chat[0].route_throttles : {},
    var.enable_contact_form ? module.contact_form[0].route_throttles : {},
    var.enable_sponsor_system ? module.sponsor_system[0].route_throttles : {},
    var.enable_shop ? module.shop[0].route_throttles : {},
    var.enable_membership ? module.membership[0].route_throttles : {},
    var.enable_events ? module.events[0].route_throttles : {},
    var.enable_polls ? module.polls[0].route_throttles : {},
    var.enable_newsletter ? module.newsletter[0].route_throttles : {},
    var.enable_analytics ? module.analytics[0].route_throttles : {},
    var.enable_monitoring ? module.monitoring[0].route_throttles : {},
    local.has_standby ? module.failover[0].route_throttles : {},
  )
}

module "mail_identity" {
  source = "../modules/mail-identity"
  count  = local.has_mail ? 1 : 0

  domain     = var.domain
  has_zone   = var.enable_s3_website
  zone_id    = var.enable_s3_website ? module.s3_website[0].zone_id : null
  production = var.mail.production
}

module "s3_website" {
  source = "../modules/s3-website"
  count  = var.enable_s3_website ? 1 : 0

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  slug         = var.slug
  name         = var.name
  domain       = var.domain
  account_id   = var.account_id
  domain_ready = var.s3_website.domain_ready
  price_class  = var.s3_website.price_class
  waf          = var.s3_website.waf
  media        = local.media
  tags         = { module = "s3-website" }

  standby_domain = var.enable_failover ? module.bucket_replica["site"].domain : null
  has_standby    = var.enable_failover

  connect_sources = concat(
    local.has_api ? [module.http_api[0].api_endpoint] : [],
    local.has_api_domain ? ["https://api.${var.domain}"] : [],
    var.enable_user_auth ? ["https://cognito-idp.${var.region}.amazonaws.com"] : [],
    var.enable_ivs_chat ? ["wss://edge.ivschat.${var.region}.amazonaws.com"] : [],
    var.enable_sponsor_system ? ["https://${module.sponsor_system[0].assets_domain}"] : [],
    var.enable_shop ? ["https://${module.shop[0].images_domain}", "https://api.stripe.com"] : [],
  )
  # Stripe's own library has to come from Stripe: https://docs.stripe.com/security/guide#content-security-policy
  script_sources = var.enable_shop ? ["https://js.stripe.com"] : []
  frame_sources  = var.enable_shop ? ["https://js.stripe.com", "https://hooks.stripe.com"] : []
}

module "user_auth" {
  source = "../modules/user-auth"
  count  = var.enable_user_auth ? 1 : 0

  slug            = var.slug
  settings        = var.user_auth
  branding        = var.branding
  site_origins    = local.site_origins
  creator         = merge(local.creator, { mail_from = null })
  api             = local.api
  code            = local.code["user-auth"]
  failures_arn    = local.failures_arn
  privacy_modules = sort(local.privacy_modules)
  protect_data    = local.protect_data
  tags            = { module = "user-auth" }

  # Cognito refuses a sender that SES has not verified, and mail in SES' sandbox reaches nobody who signs up.
  sender = local.has_mail ? (length(module.mail_identity[0].waiting_for) == 0 ? {
    identity_arn = module.mail_identity[0].identity_arn
    address      = module.mail_identity[0].from_address
  } : null) : null
}

module "ivs_streaming" {
  source = "../modules/ivs-streaming"
  count  = var.enable_ivs_streaming ? 1 : 0

  channel_type             = var.ivs_streaming.channel_type
  latency_mode             = var.ivs_streaming.latency_mode
  recording                = var.ivs_streaming.recording
  recording_retention_days = var.ivs_streaming.recording_retention_days
  authorized_playback      = var.ivs_streaming.authorized_playback
  playback_tier            = local.playback_tier
  live_notice              = var.ivs_streaming.live_notice
  contact                  = var.contact
  distribution_arn         = local.distribution_arn
  has_distribution         = var.enable_s3_website
  creator                  = local.creator_and_members
  api                      = local.api
  code                     = local.code["ivs-streaming"]
  failures_arn             = local.failures_arn
  protect_data             = local.protect_data
  tags                     = { module = "ivs-streaming" }
}

module "ivs_chat" {
  source = "../modules/ivs-chat"
  count  = var.enable_ivs_chat ? 1 : 0

  settings     = var.ivs_chat
  creator      = merge(local.creator_and_members, { mail_from = null })
  api          = local.api
  code         = local.code["ivs-chat"]
  failures_arn = local.failures_arn
  protect_data = local.protect_data
  tags         = { module = "ivs-chat" }
}

module "contact_form" {
  source = "../modules/contact-form"
  count  = var.enable_contact_form ? 1 : 0

  recipient    = coalesce(var.contact_form.recipient, var.contact)
  mail         = local.mail
  creator      = local.creator_and_members
  api          = local.api
  code         = local.code["contact-form"]
  failures_arn = local.failures_arn
  protect_data = local.protect_data
  tags         = { module = "contact-form" }
}

module "sponsor_system" {
  source = "../modules/sponsor-system"
  count  = var.enable_sponsor_system ? 1 : 0

  currency         = var.sponsor_system.currency
  rates            = var.sponsor_system.rates
  max_days         = var.sponsor_system.max_days
  site_origins     = local.site_origins
  distribution_arn = local.distribution_arn
  has_distribution = var.enable_s3_website
  mail             = local.mail
  creator          = local.creator_and_members
  api              = local.api
  code             = local.code["sponsor-system"]
  failures_arn     = local.failures_arn
  protect_data     = local.protect_data
  tags             = { module = "sponsor-system" }
}

module "shop" {
  source = "../modules/shop"
  count  = var.enable_shop ? 1 : 0

  settings         = var.shop
  stripe_api_base  = var.stripe_api_base
  site_origins     = local.site_origins
  distribution_arn = local.distribution_arn
  has_distribution = var.enable_s3_website
  mail             = local.mail
  creator          = local.creator_and_members
  api              = local.api
  code             = local.code["shop"]
  failures_arn     = local.failures_arn
  protect_data     = local.protect_data
  tags             = { module = "shop" }
}

module "membership" {
  source = "../modules/membership"
  count  = var.enable_membership ? 1 : 0

  settings        = var.membership
  stripe_api_base = var.stripe_api_base
  creator         = merge(local.creator_and_members, { mail_from = null })
  api             = local.api
  code            = local.code["membership"]
  failures_arn    = local.failures_arn
  protect_data    = local.protect_data
  tags            = { module = "membership" }
}

module "events" {
  source = "../modules/events"
  count  = var.enable_events ? 1 : 0

  settings     = var.events
  mail         = local.mail
  creator      = local.creator_and_members
  api          = local.api
  code         = local.code["events"]
  failures_arn = local.failures_arn
  protect_data = local.protect_data
  tags         = { module = "events" }
}

module "polls" {
  source = "../modules/polls"
  count  = var.enable_polls ? 1 : 0

  settings     = var.polls
  creator      = merge(local.creator_and_members, { mail_from = null })
  api          = local.api
  code         = local.code["polls"]
  failures_arn = local.failures_arn
  protect_data = local.protect_data
  tags         = { module = "polls" }
}

module "newsletter" {
  source = "../modules/newsletter"
  count  = var.enable_newsletter ? 1 : 0

  settings     = var.newsletter
  mail         = local.mail
  creator      = local.creator_and_members
  api          = local.api
  code         = local.code["newsletter"]
  failures_arn = local.failures_arn
  protect_data = local.protect_data
  tags         = { module = "newsletter" }
}

module "analytics" {
  source = "../modules/analytics"
  count  = var.enable_analytics ? 1 : 0

  settings     = var.analytics
  channel_arn  = local.channel_arn
  has_channel  = var.enable_ivs_streaming
  creator      = merge(local.creator_and_members, { mail_from = null })
  api          = local.api
  code         = local.code["analytics"]
  failures_arn = local.failures_arn
  protect_data = local.protect_data
  tags         = { module = "analytics" }
}

module "monitoring" {
  source = "../modules/monitoring"
  count  = var.enable_monitoring ? 1 : 0

  settings        = var.monitoring
  contact         = var.contact
  monthly_budget  = var.monthly_budget
  enabled_modules = local.enabled_modules
  channel_arn     = local.channel_arn
  has_channel     = var.enable_ivs_streaming
  messengers_base = var.messengers_base
  failures_queue  = module.function_failures[0].queue_name
  creator         = merge(local.creator, { mail_from = null })
  api             = local.api
  code            = local.code["monitoring"]
  failures_arn    = local.failures_arn
  protect_data    = local.protect_data
  tags            = { module = "monitoring" }
}

module "backup" {
  source = "../modules/backup"
  count  = var.enable_backup ? 1 : 0

  settings        = var.backup
  enabled_modules = local.enabled_modules
  creator         = merge(local.creator, { mail_from = null })
  api             = local.api
  code            = local.code["backup"]
  failures_arn    = local.failures_arn
  protect_data    = local.protect_data
  tags            = { module = "backup" }
}
