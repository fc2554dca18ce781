mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-central-1:111122223333:function:example"
      invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/example/invocations"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:example" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:rule/example" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::kasper-product-images-111122223333", bucket_regional_domain_name = "kasper-product-images-111122223333.s3.eu-central-1.amazonaws.com" }
  }
  mock_resource "aws_ssm_parameter" {
    defaults = { version = 1 }
  }
}

override_resource {
  target = module.products.aws_dynamodb_table.this
  values = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-products" }
}

override_resource {
  target = module.orders.aws_dynamodb_table.this
  values = {
    arn        = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-orders"
    stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-orders/stream/2026-05-20T12:00:00.000"
  }
}

override_resource {
  target = aws_ssm_parameter.stripe["secret_key"]
  values = { arn = "arn:aws:ssm:eu-central-1:111122223333:parameter/kasper/shop/stripe-secret-key", version = 1 }
}

override_resource {
  target = aws_ssm_parameter.stripe["webhook_secret"]
  values = { arn = "arn:aws:ssm:eu-central-1:111122223333:parameter/kasper/shop/stripe-webhook-secret", version = 2 }
}

variables {
  settings         = { currency = "EUR", hold_minutes = 30, countries = ["DE", "AT"], shipping = 490, publishable_key = "pk_test_0123456789" }
  site_origins     = ["https://kasper.live", "https://www.kasper.live"]
  distribution_arn = "arn:aws:cloudfront::111122223333:distribution/EXAMPLE"
  has_distribution = true
  mail = {
    actions    = ["ses:SendEmail"]
    resources  = ["arn:aws:ses:eu-central-1:111122223333:identity/kasper.live"]
    conditions = { StringEquals = { "ses:FromAddress" = "hello@kasper.live" } }
  }
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    mail_from  = "hello@kasper.live"
    members    = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper", client_id = "kasperclient" }
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5", authorizer_id = "authz1" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "shop/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "keeps_its_data_and_secrets_safe" {
  assert {
    condition     = module.orders.stream_arn != null && module.products.stream_arn == null
    error_message = "What happens to orders, and only that, is told in a stream."
  }

  assert {
    condition     = { for key, parameter in aws_ssm_parameter.stripe : key => [parameter.name, parameter.type, tostring(parameter.value_wo_version)] } == { secret_key = ["/kasper/shop/stripe-secret-key", "SecureString", "1"], webhook_secret = ["/kasper/shop/stripe-webhook-secret", "SecureString", "1"] }
    error_message = "Stripe's secrets are secure strings of which Terraform writes a placeholder once and never reads more."
  }

  assert {
    condition     = [for waiting in output.waiting_for : waiting.where] == ["Systems Manager, Parameter Store: /kasper/shop/stripe-secret-key"]
    error_message = "A secret is waited for as long as its parameter has its first version."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.flagged.metric_name == "OrdersFlagged" && aws_cloudwatch_metric_alarm.flagged.dimensions == tomap({ service = "shop" })
    error_message = "A payment that does not fit its order raises an alarm."
  }

  assert {
    condition     = output.products_table == "kasper-products" && output.orders_table == "kasper-orders" && output.images_domain == "kasper-product-images-111122223333.s3.eu-central-1.amazonaws.com"
    error_message = "The outputs name what was made."
  }
}

run "answers_its_routes_to_whom_they_are_for" {
  assert {
    condition = jsonencode({ for by in ["public", "admin", "operator"] : by => sort(flatten([for function in local.functions : [for route, who in try(function.routes, {}) : route if who == by]])) }) == jsonencode({
      public = ["GET /orders/{id}", "GET /products", "GET /products/{id}", "POST /orders", "POST /orders/{id}/payment", "POST /stripe/webhook"]
      admin = [
        "GET /shop/products", "GET /shop/products/{id}", "POST /shop/products", "POST /shop/products/{id}/images",
        "PUT /shop/products/{id}", "PUT /shop/products/{id}/status", "PUT /shop/products/{id}/stock",
      ]
      operator = [
        "GET /operator/products", "GET /operator/products/{id}", "GET /orders", "GET /orders/export",
        "POST /operator/products", "POST /operator/products/{id}/images", "POST /orders/{id}/refund",
        "PUT /operator/products/{id}", "PUT /operator/products/{id}/status", "PUT /operator/products/{id}/stock",
        "PUT /orders/{id}/fulfilled", "PUT /orders/{id}/reviewed",
      ]
    })
    error_message = "Everybody may look and order, admins edit products, operators do both and keep the orders."
  }

  assert {
    condition     = toset(keys(output.route_throttles)) == toset(["POST /orders", "GET /orders/{id}", "POST /orders/{id}/payment", "POST /stripe/webhook"]) && output.route_throttles["POST /orders"].rate <= 5
    error_message = "Public routes that write have limits of their own."
  }

  assert {
    condition = { for name, function in local.functions : name => [try(function.schedule, ""), try(function.stream.filter, ""), tostring(try(function.background, false))] if !can(function.routes) } == {
      release_holds       = ["rate(5 minutes)", "", "false"]
      send_order_mails    = ["", "{\"dynamodb\":{\"NewImage\":{\"paid_at\":{\"S\":[{\"exists\":true}]},\"sk\":{\"S\":[\"ORDER\"]}}}}", "false"]
      make_refunds        = ["rate(15 minutes)", "{\"dynamodb\":{\"NewImage\":{\"gsi1pk\":{\"S\":[\"STATUS#refunding\"]}}}}", "false"]
      check_product_image = ["", "", "true"]
      shop_privacy        = ["", "", "true"]
    }
    error_message = "Holds end on time, orders' changes are told and paid back, pictures are looked at."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = {
      for name, function in local.functions : name => {
        for pair in flatten([for permission in function.permissions : [for resource in permission.resources : { on = regex("[^:]*$", resource), may = permission.actions }]]) : pair.on => [for action in pair.may : regex("[^:]*$", action)]...
      }
      } == {
      get_products = {
        "table/kasper-products/index/gsi1" = [["Query"]]
        "table/kasper-products"            = [["BatchGetItem"]]
      }
      edit_products = {
        "table/kasper-products/index/gsi1"                    = [["Query"]]
        "table/kasper-products"                               = [["GetItem", "BatchGetItem", "PutItem", "UpdateItem"]]
        "kasper-product-images-111122223333/incoming/*"       = [["PutObject"]]
        "kasper-product-images-111122223333/media/products/*" = [["DeleteObject"]]
      }
      create_order = {
        "table/kasper-products" = [["BatchGetItem", "UpdateItem", "ConditionCheckItem"]]
        "table/kasper-orders"   = [["GetItem", "PutItem", "UpdateItem"]]
      }
      process_payment = {
        "table/kasper-orders"                     = [["GetItem", "PutItem"]]
        "parameter/kasper/shop/stripe-secret-key" = [["GetParameter"]]
      }
      stripe_webhook = {
        "table/kasper-orders"                         = [["GetItem", "PutItem"]]
        "table/kasper-products"                       = [["BatchGetItem", "UpdateItem", "ConditionCheckItem"]]
        "parameter/kasper/shop/stripe-webhook-secret" = [["GetParameter"]]
      }
      manage_orders = {
        "table/kasper-orders/index/gsi1" = [["Query"]]
        "table/kasper-orders"            = [["GetItem", "PutItem"]]
        "table/kasper-products"          = [["BatchGetItem", "UpdateItem", "ConditionCheckItem"]]
      }
      release_holds = {
        "table/kasper-orders/index/gsi1" = [["Query"]]
        "table/kasper-orders"            = [["GetItem", "PutItem"]]
        "table/kasper-products"          = [["BatchGetItem", "UpdateItem"]]
      }
      send_order_mails = {
        "table/kasper-orders"  = [["PutItem", "DeleteItem"]]
        "identity/kasper.live" = [["SendEmail"]]
      }
      make_refunds = {
        "table/kasper-orders/index/gsi1"          = [["Query"]]
        "table/kasper-orders"                     = [["GetItem", "PutItem"]]
        "table/kasper-products"                   = [["BatchGetItem", "UpdateItem", "ConditionCheckItem"]]
        "parameter/kasper/shop/stripe-secret-key" = [["GetParameter"]]
      }
      check_product_image = {
        "table/kasper-products"                               = [["BatchGetItem", "UpdateItem"]]
        "kasper-product-images-111122223333/incoming/*"       = [["GetObject", "DeleteObject"]]
        "kasper-product-images-111122223333"                  = [["ListBucket"]]
        "kasper-product-images-111122223333/media/products/*" = [["PutObject"]]
      }
      shop_privacy = {
        "table/kasper-orders/index/person" = [["Query"]]
        "table/kasper-orders"              = [["Query", "BatchGetItem", "GetItem", "DeleteItem"]]
        "table/kasper-products"            = [["BatchGetItem", "UpdateItem"]]
      }
    }
    error_message = "Only what opens payments and gives money back may read Stripe's key, and each function touches what its own code does."
  }
}

run "refuses_wrong_settings" {
  command = plan

  variables {
    settings        = { currency = "JPY", hold_minutes = 4.5, countries = ["Germany"], shipping = -1, publishable_key = "sk_live_0123456789" }
    stripe_api_base = "https://stripe.example.com"
  }

  expect_failures = [var.settings, var.stripe_api_base]
}

run "waits_for_a_publishable_key_and_gives_data_up_when_told" {
  command = plan

  variables {
    settings     = { currency = "CHF", hold_minutes = 5, countries = ["CH"], shipping = 0 }
    protect_data = false
  }

  assert {
    condition     = contains([for waiting in output.waiting_for : waiting.where], "creator.toml, [modules.shop]")
    error_message = "Without a publishable key the shop waits for it."
  }
}
