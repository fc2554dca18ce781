output "url" {
  description = "Base URL that answers whichever region is well, without a trailing slash."
  value       = "https://${local.host}"

  depends_on = [aws_route53_record.api, aws_apigatewayv2_api_mapping.home, aws_apigatewayv2_api_mapping.standby]
}
