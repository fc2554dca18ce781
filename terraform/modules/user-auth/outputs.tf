output "issuer" {
  description = "Issuer of the members' tokens."
  value       = "https://${aws_cognito_user_pool.this.endpoint}"
}

output "client_id" {
  description = "Id of the site's app client."
  value       = aws_cognito_user_pool_client.site.id
}

output "user_pool_id" {
  description = "Id of the user pool."
  value       = aws_cognito_user_pool.this.id
}

output "sign_in_url" {
  description = "Base URL of the hosted pages for signing in, without a trailing slash."
  value       = "https://${aws_cognito_user_pool_domain.this.domain}.auth.${data.aws_region.current.name}.amazoncognito.com"
}

output "route_throttles" {
  description = "Limits of the routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}
