output "api_id" {
  description = "Id of the second region's API."
  value       = module.http_api.api_id
}

output "api_stage" {
  description = "Name of the API's stage, known once it is there."
  value       = module.http_api.stage
}

output "api_endpoint" {
  description = "Base URL of the second region's API, without a trailing slash."
  value       = module.http_api.api_endpoint
}
