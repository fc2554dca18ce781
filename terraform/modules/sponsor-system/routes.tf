locals {
  routes = merge([
    for name, function in local.functions : {
      for route in function.routes : route => {
        function  = name
        operators = function.operators
        throttle  = function.throttle
      }
    }
  ]...)
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = local.functions

  api_id                 = var.api_id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.this[each.key].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = (each.value.timeout + 1) * 1000
}

resource "aws_apigatewayv2_route" "this" {
  for_each = local.routes

  api_id             = var.api_id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[each.value.function].id}"
  authorization_type = each.value.operators ? "AWS_IAM" : "NONE"
}

resource "aws_lambda_permission" "this" {
  for_each = local.functions

  statement_id  = "http-api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${var.api_execution_arn}/*/*"
}
