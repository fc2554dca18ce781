output "configuration_digest" {
  description = "Digest of the configuration that was applied."
  value       = var.configuration_digest
}

output "creator" {
  description = "Whose infrastructure this is."
  value = {
    slug           = var.slug
    name           = var.name
    domain         = var.domain
    account_id     = var.account_id
    region         = var.region
    standby_region = var.enable_failover ? var.failover.region : null
    contact        = var.contact
    wave           = var.wave
    monthly_budget = var.monthly_budget
  }
}

output "enabled_modules" {
  description = "Names of the modules that are on."
  value       = local.enabled_modules
}

output "waiting_for" {
  description = "What a person or AWS still has to do: for which module, what, where, and which action. Nothing in it makes a run fail."
  value = flatten([
    module.s3_website[*].waiting_for,
    module.mail_identity[*].waiting_for,
    module.ivs_streaming[*].waiting_for,
    module.shop[*].waiting_for,
    module.membership[*].waiting_for,
    module.monitoring[*].waiting_for,
  ])
}

output "api_id" {
  description = "Id of the HTTP API."
  value       = one(module.http_api[*].api_id)
}

output "api_endpoint" {
  description = "Base URL of the HTTP API, without a trailing slash."
  value       = one(module.http_api[*].api_endpoint)
}

output "site_api_url" {
  description = "Base URL of the API for the site, without a trailing slash: with a second region, the one that answers whichever region is well."
  value       = local.has_api_domain ? one(module.api_domain[*].url) : one(module.http_api[*].api_endpoint)
}

output "standby_api_endpoint" {
  description = "Base URL of the second region's API, without a trailing slash; null without one."
  value       = one(module.second_region[*].api_endpoint)
}

output "switch_table" {
  description = "Name of the table whose one item names the region that takes writes; null with one region."
  value       = one(module.failover[*].switch_table)
}

output "channel_arn" {
  description = "ARN of the IVS channel."
  value       = one(module.ivs_streaming[*].channel_arn)
}

output "playback_url" {
  description = "HLS playlist that viewers play."
  value       = one(module.ivs_streaming[*].playback_url)
}

output "ingest_endpoint" {
  description = "Host that the encoder sends to, as rtmps://<host>:443/app/."
  value       = one(module.ivs_streaming[*].ingest_endpoint)
}

output "recordings_bucket" {
  description = "Name of the recordings' bucket."
  value       = one(module.ivs_streaming[*].recordings_bucket)
}

output "site_bucket" {
  description = "Name of the bucket that the built site is uploaded to."
  value       = one(module.s3_website[*].site_bucket)
}

output "site_url" {
  description = "Where the site is open now."
  value       = one(module.s3_website[*].site_url)
}

output "distribution_id" {
  description = "Id of the CloudFront distribution, for invalidations."
  value       = one(module.s3_website[*].distribution_id)
}

output "distribution_domain_name" {
  description = "CloudFront's own name of the site."
  value       = one(module.s3_website[*].distribution_domain_name)
}

output "name_servers" {
  description = "Name servers to enter at the registrar."
  value       = one(module.s3_website[*].name_servers)
}

output "certificate_arn" {
  description = "ARN of the site's certificate in us-east-1."
  value       = one(module.s3_website[*].certificate_arn)
}

output "user_pool_id" {
  description = "Id of the user pool."
  value       = one(module.user_auth[*].user_pool_id)
}

output "user_pool_client_id" {
  description = "Id of the site's app client."
  value       = one(module.user_auth[*].client_id)
}

output "sign_in_url" {
  description = "Base URL of the hosted pages for signing in."
  value       = one(module.user_auth[*].sign_in_url)
}

output "chat_room_arn" {
  description = "ARN of the chat room."
  value       = one(module.ivs_chat[*].room_arn)
}

output "streams_table" {
  description = "Name of the table of stream states and recordings."
  value       = one(module.ivs_streaming[*].streams_table)
}

output "products_table" {
  description = "Name of the table of products."
  value       = one(module.shop[*].products_table)
}

output "orders_table" {
  description = "Name of the table of orders."
  value       = one(module.shop[*].orders_table)
}

output "stripe_secrets" {
  description = "Names of the parameters that Stripe's secrets are put into."
  value       = one(module.shop[*].stripe_secrets)
}

output "failures_queue_arn" {
  description = "ARN of the queue for events that a function could not handle."
  value       = local.failures_arn
}

output "sponsors_table" {
  description = "Name of the table of bookings and slots."
  value       = one(module.sponsor_system[*].sponsors_table)
}

output "sponsor_stats_table" {
  description = "Name of the table of counted views and clicks."
  value       = one(module.sponsor_system[*].sponsor_stats_table)
}

output "sponsor_assets_bucket" {
  description = "Name of the bucket of the sponsors' creatives."
  value       = one(module.sponsor_system[*].sponsor_assets_bucket)
}
