output "sponsors_table" {
  description = "Name of the table of bookings and slots."
  value       = aws_dynamodb_table.sponsors.name
}

output "sponsor_stats_table" {
  description = "Name of the table of counted views and clicks."
  value       = aws_dynamodb_table.stats.name
}

output "sponsor_assets_bucket" {
  description = "Name of the bucket of the sponsors' creatives."
  value       = module.assets.bucket_id
}

output "assets_domain" {
  description = "Host name of the bucket of the sponsors' creatives."
  value       = module.assets.bucket_regional_domain_name
}

output "route_throttles" {
  description = "Limits of the public routes that write, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}
