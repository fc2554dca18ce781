locals {
  products         = module.products.arn
  products_by_self = module.products.index_arns["gsi1"]
  orders           = module.orders.arn
  orders_by_status = module.orders.index_arns["gsi1"]
  orders_by_person = module.orders.index_arns["person"]
  incoming         = "${module.images.bucket_arn}/incoming/*"
  pictures         = "${module.images.bucket_arn}/media/products/*"

  # Reading decrypts, too: the key aws/ssm lets everybody in the account use it who may read the parameter.
  # https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
  stripe_key     = { actions = ["ssm:GetParameter"], resources = [aws_ssm_parameter.stripe["secret_key"].arn] }
  webhook_secret = { actions = ["ssm:GetParameter"], resources = [aws_ssm_parameter.stripe["webhook_secret"].arn] }

  # An order is changed together with the stock that it holds. A transaction needs the permissions of its parts:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
  change_order = { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = [local.orders] }
  move_stock   = { actions = ["dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"], resources = [local.products] }

  # What each function answers, who may call it, and all that it may do.
  functions = {
    get_products = {
      description = "Shows what is for sale"
      routes = {
        "GET /products"      = "public"
        "GET /products/{id}" = "public"
      }
      timeout = 5
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.products_by_self] },
        { actions = ["dynamodb:BatchGetItem"], resources = [local.products] },
      ]
    }
    edit_products = {
      description = "Lets admins and operators edit products"
      routes = {
        "GET /shop/products"                  = "admin"
        "POST /shop/products"                 = "admin"
        "GET /shop/products/{id}"             = "admin"
        "PUT /shop/products/{id}"             = "admin"
        "PUT /shop/products/{id}/status"      = "admin"
        "PUT /shop/products/{id}/stock"       = "admin"
        "POST /shop/products/{id}/images"     = "admin"
        "GET /operator/products"              = "operator"
        "POST /operator/products"             = "operator"
        "GET /operator/products/{id}"         = "operator"
        "PUT /operator/products/{id}"         = "operator"
        "PUT /operator/products/{id}/status"  = "operator"
        "PUT /operator/products/{id}/stock"   = "operator"
        "POST /operator/products/{id}/images" = "operator"
      }
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.products_by_self] },
        { actions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.products] },
        { actions = ["s3:PutObject"], resources = [local.incoming] }, # of the form that it signs
        { actions = ["s3:DeleteObject"], resources = [local.pictures] },
      ]
    }
    create_order = {
      description = "Takes orders and shows how they stand"
      routes = {
        "POST /orders"     = "public"
        "GET /orders/{id}" = "public"
      }
      throttle = { rate = 5, burst = 10 }
      permissions = [
        local.move_stock,
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.orders] },
      ]
    }
    process_payment = {
      description = "Opens the payment of an order"
      routes      = { "POST /orders/{id}/payment" = "public" }
      throttle    = { rate = 5, burst = 10 }
      timeout     = 25
      permissions = [local.change_order, local.stripe_key]
    }
    stripe_webhook = {
      description = "Takes note of what Stripe tells"
      routes      = { "POST /stripe/webhook" = "public" }
      throttle    = { rate = 25, burst = 50 }
      permissions = [local.change_order, local.move_stock, local.webhook_secret]
    }
    manage_orders = {
      description = "Shows and changes orders for operators"
      routes = {
        "GET /orders"                = "operator"
        "GET /orders/export"         = "operator"
        "PUT /orders/{id}/fulfilled" = "operator"
        "POST /orders/{id}/refund"   = "operator"
        "PUT /orders/{id}/reviewed"  = "operator"
      }
      timeout = 25
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.orders_by_status] },
        local.change_order,
        local.move_stock,
      ]
    }
    release_holds = {
      description = "Gives back what nobody paid"
      schedule    = "rate(5 minutes)"
      timeout     = 120
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.orders_by_status] },
        local.change_order,
        { actions = ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], resources = [local.products] },
      ]
    }
    send_order_mails = {
      description = "Writes to customers of what has changed"
      timeout     = 60
      stream = {
        arn    = module.orders.stream_arn
        filter = jsonencode({ dynamodb = { NewImage = { sk = { S = ["ORDER"] }, paid_at = { S = [{ exists = true }] } } } })
      }
      permissions = [
        { actions = ["dynamodb:PutItem", "dynamodb:DeleteItem"], resources = [local.orders] },
        var.mail,
      ]
    }
    make_refunds = {
      description = "Gives money back through Stripe"
      schedule    = "rate(15 minutes)"
      timeout     = 120
      stream = {
        arn    = module.orders.stream_arn
        filter = jsonencode({ dynamodb = { NewImage = { gsi1pk = { S = ["STATUS#refunding"] } } } })
      }
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.orders_by_status] },
        local.change_order,
        local.move_stock,
        local.stripe_key,
      ]
    }
    check_product_image = {
      description = "Looks at a product's picture"
      background  = true # the bucket calls it
      timeout     = 30
      memory      = 1024
      permissions = [
        { actions = ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], resources = [local.products] },
        { actions = ["s3:GetObject", "s3:DeleteObject"], resources = [local.incoming] },
        { actions = ["s3:ListBucket"], resources = [module.images.bucket_arn] }, # S3 tells only then that an upload is gone
        { actions = ["s3:PutObject"], resources = [local.pictures] },
      ]
    }
    shop_privacy = {
      description = "Hands out and erases what the shop keeps of a person"
      background  = true # operators and user-auth call it
      timeout     = 300
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.orders_by_person] },
        { actions = ["dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:DeleteItem"], resources = [local.orders] },
        { actions = ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], resources = [local.products] },
      ]
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "shop"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    PRODUCTS_TABLE           = module.products.name
    ORDERS_TABLE             = module.orders.name
    IMAGES_BUCKET            = module.images.bucket_id
    CURRENCY                 = var.settings.currency
    HOLD_MINUTES             = tostring(var.settings.hold_minutes)
    COUNTRIES                = jsonencode(var.settings.countries)
    SHIPPING                 = tostring(var.settings.shipping)
    PUBLISHABLE_KEY          = var.settings.publishable_key == null ? "" : var.settings.publishable_key
    STRIPE_KEY_PARAMETER     = aws_ssm_parameter.stripe["secret_key"].name
    WEBHOOK_SECRET_PARAMETER = aws_ssm_parameter.stripe["webhook_secret"].name
    STRIPE_API_BASE          = var.stripe_api_base == null ? "" : var.stripe_api_base
  }
}
