locals {
  sponsors  = module.sponsors.arn
  by_index  = module.sponsors.index_arns["gsi1"]
  by_person = module.sponsors.index_arns["person"]
  stats     = module.stats.arn
  incoming  = "${module.assets.bucket_arn}/incoming/*"
  pictures  = "${module.assets.bucket_arn}/media/creatives/*"

  # What each function answers, who may call it, and all that it may do. A transaction needs the permissions of
  # its parts: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
  functions = {
    create_booking = {
      description = "Takes a sponsor's booking"
      routes      = { "POST /bookings" = "public" }
      throttle    = { rate = 2, burst = 5 }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:BatchGetItem"], resources = [local.sponsors] },
        { actions = ["s3:PutObject"], resources = [local.incoming] }, # of the form that it signs
      ]
    }
    own_booking = {
      description = "Lets a sponsor see, supply and cancel a booking"
      routes = {
        "GET /bookings/{id}"           = "public"
        "POST /bookings/{id}/creative" = "public"
        "POST /bookings/{id}/cancel"   = "public"
      }
      throttle = { rate = 5, burst = 10 }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchGetItem"], resources = [local.sponsors] },
        { actions = ["dynamodb:Query"], resources = [local.stats] },
        { actions = ["s3:PutObject"], resources = [local.incoming] }, # of the form that it signs
      ]
    }
    list_bookings = {
      description = "Shows bookings and their reports to operators"
      routes = {
        "GET /bookings"             = "operator"
        "GET /bookings/{id}/report" = "operator"
      }
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.by_index] },
        { actions = ["dynamodb:GetItem"], resources = [local.sponsors] },
        { actions = ["dynamodb:Query"], resources = [local.stats] },
        { actions = ["s3:GetObject"], resources = [local.pictures] }, # of the address that it signs
      ]
    }
    decide_booking = {
      description = "Approves, rejects, cancels and refunds for an operator"
      routes = {
        "PUT /bookings/{id}/approve" = "operator"
        "PUT /bookings/{id}/reject"  = "operator"
        "PUT /bookings/{id}/cancel"  = "operator"
        "PUT /bookings/{id}/refund"  = "operator"
      }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchGetItem"], resources = [local.sponsors] },
      ]
    }
    get_active_sponsors = {
      description = "Lists today's sponsors for the site"
      routes      = { "GET /sponsors/active" = "public" }
      timeout     = 5
      permissions = [
        { actions = ["dynamodb:BatchGetItem"], resources = [local.sponsors] },
      ]
    }
    track_stats = {
      description = "Counts views and clicks, each once"
      routes = {
        "POST /sponsors/{id}/track/view"  = "public"
        "POST /sponsors/{id}/track/click" = "public"
      }
      throttle = { rate = 25, burst = 50 }
      timeout  = 5
      permissions = [
        { actions = ["dynamodb:GetItem"], resources = [local.sponsors] },
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.stats] },
      ]
    }
    check_creative = {
      description = "Looks at a sponsor's picture"
      background  = true # the bucket calls it
      timeout     = 30
      memory      = 1024
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = [local.sponsors] },
        { actions = ["s3:GetObject", "s3:DeleteObject"], resources = [local.incoming] },
        { actions = ["s3:ListBucket"], resources = [module.assets.bucket_arn] }, # S3 tells only then that an upload is gone
        { actions = ["s3:PutObject"], resources = [local.pictures] },
      ]
    }
    follow_booking = {
      description = "Writes to sponsors of what has changed"
      timeout     = 60
      stream = {
        arn    = module.sponsors.stream_arn
        filter = jsonencode({ dynamodb = { NewImage = { sk = { S = ["BOOKING"] } } } })
      }
      permissions = [
        { actions = ["dynamodb:PutItem", "dynamodb:DeleteItem"], resources = [local.sponsors] },
        { actions = ["s3:DeleteObject"], resources = [local.pictures] },
        var.mail,
      ]
    }
    turn_day = {
      description = "Tells sponsors of a beginning and an end, and gives up what waits for nobody"
      schedule    = "cron(5 0 * * ? *)" # bookings change with the UTC day
      timeout     = 300
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.by_index] },
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchGetItem"], resources = [local.sponsors] },
        { actions = ["dynamodb:Query"], resources = [local.stats] },
        var.mail,
      ]
    }
    sponsor_system_privacy = {
      description = "Hands out and erases what the sponsor system keeps of a person"
      background  = true # operators and user-auth call it
      timeout     = 300
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.by_person] },
        { actions = ["dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], resources = [local.sponsors] },
        { actions = ["s3:DeleteObject"], resources = [local.pictures] },
      ]
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "sponsor-system"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    SPONSORS_TABLE = module.sponsors.name
    STATS_TABLE    = module.stats.name
    ASSETS_BUCKET  = module.assets.bucket_id
    RATES          = jsonencode(var.rates)
    CURRENCY       = var.currency
    MAX_DAYS       = tostring(var.max_days)
  }
}
