locals {
  routes = merge([
    for name, function in var.functions : {
      for route, by in function.routes : route => {
        function = name
        by       = by
        throttle = function.throttle
      } if contains(["public", "operator"], by) || var.creator.members != null
    }
  ]...)

  answering = toset([for route in local.routes : route.function])
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = local.answering

  api_id                 = var.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.this[each.key].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = min((var.functions[each.key].timeout + 1) * 1000, 30000)
}

resource "aws_apigatewayv2_route" "this" {
  for_each = local.routes

  api_id             = var.api.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[each.value.function].id}"
  authorization_type = each.value.by == "public" ? "NONE" : each.value.by == "operator" ? "AWS_IAM" : "JWT"
  authorizer_id      = contains(["public", "operator"], each.value.by) ? null : var.api.authorizer_id
}

resource "aws_lambda_permission" "api" {
  for_each = local.answering

  statement_id  = "http-api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${var.api.execution_arn}/*/*"
}
