output "api_id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "api_endpoint" {
  description = "Base URL of the API, without a trailing slash."
  value       = aws_apigatewayv2_api.this.api_endpoint
}

output "execution_arn" {
  description = "ARN prefix for permissions to call the API."
  value       = aws_apigatewayv2_api.this.execution_arn
}

output "stage" {
  description = "Name of the stage, known once it is there."
  value       = aws_apigatewayv2_stage.this.name
}

output "authorizer_id" {
  description = "Id of the authoriser that checks members' tokens; null without members."
  value       = one(aws_apigatewayv2_authorizer.members[*].id)
}
