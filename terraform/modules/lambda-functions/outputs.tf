output "route_throttles" {
  description = "Limits of the routes that have one of their own, by route key; known once the routes exist."
  value       = { for key, route in local.routes : aws_apigatewayv2_route.this[key].route_key => route.throttle if route.throttle != null }
}

output "arns" {
  description = "ARN of each function, by name of its handler."
  value       = { for name, function in aws_lambda_function.this : name => function.arn }
}

output "names" {
  description = "Name of each function, by name of its handler."
  value       = { for name, function in aws_lambda_function.this : name => function.function_name }
}

output "environment" {
  description = "What the functions read from their environment, besides what all functions do; for those of a second region."
  value       = var.environment
}
