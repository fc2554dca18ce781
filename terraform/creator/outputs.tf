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
  description = "What a person still has to do: what, where, and which action. Nothing in it makes a run fail."
  value       = concat(flatten(module.s3_website[*].waiting_for), flatten(module.ivs_streaming[*].waiting_for))
}

output "api_id" {
  description = "Id of the HTTP API."
  value       = one(module.http_api[*].api_id)
}

output "api_endpoint" {
  description = "Base URL of the HTTP API, without a trailing slash."
  value       = one(module.http_api[*].api_endpoint)
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

output "stream_key_value" {
  description = "The encoder's stream key. Whoever has it can go live on the channel."
  value       = one(module.ivs_streaming[*].stream_key_value)
  sensitive   = true
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
