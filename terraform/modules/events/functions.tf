locals {
  events = module.table.arn
  index  = module.table.index_arns["gsi1"]

  # arn:aws:execute-api:<region>:<account>:<api>
  region  = split(":", var.api.execution_arn)[3]
  members = var.creator.members == null ? [] : ["arn:aws:cognito-idp:${local.region}:${var.creator.account_id}:userpool/${element(split("/", var.creator.members.issuer), -1)}"]

  # The items of events lie apart from those of their guests. A transaction needs the permissions of its parts:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
  read_events = {
    actions    = ["dynamodb:GetItem"]
    resources  = [local.events]
    conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "EVENT#*" } }
  }
  count_seats = {
    actions    = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    resources  = [local.events]
    conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "EVENT#*" } }
  }
  change_guests = {
    actions    = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
    resources  = [local.events]
    conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "GUESTS#*" } }
  }
  use_secret = {
    actions    = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources  = [local.events]
    conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SECRET" } }
  }
  list_programme = {
    actions    = ["dynamodb:Query"]
    resources  = [local.index]
    conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "PROGRAMME" } }
  }

  # What each function answers, who may call it, and all that it may do.
  functions = {
    get_programme = {
      description = "Shows the programme"
      routes = {
        "GET /events"                   = "public"
        "GET /events/{id}"              = "public"
        "GET /events.ics"               = "public"
        "GET /events/{id}/calendar.ics" = "public"
      }
      throttle    = { rate = 50, burst = 100 }
      permissions = [local.read_events, local.list_programme]
    }
    sign_up_guests = {
      description = "Signs guests up for events"
      routes = {
        "POST /events/{id}/sign-ups"         = "public"
        "POST /events/{id}/sign-ups/confirm" = "public"
        "DELETE /events/{id}/sign-ups"       = "public"
      }
      throttle = { rate = 50, burst = 200 }
      permissions = [
        local.count_seats,
        local.change_guests,
        local.use_secret,
        {
          actions    = ["dynamodb:GetItem", "dynamodb:PutItem"]
          resources  = [local.events]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } }
        },
        {
          actions    = ["dynamodb:UpdateItem"]
          resources  = [local.events]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "RATE#*" } }
        },
      ]
    }
    sign_up_members = {
      description = "Signs members up for events"
      routes = {
        "GET /events/{id}/sign-up"    = "member"
        "PUT /events/{id}/sign-up"    = "member"
        "DELETE /events/{id}/sign-up" = "member"
      }
      throttle = { rate = 50, burst = 200 }
      permissions = concat(
        [local.count_seats, local.change_guests, local.use_secret],
        [for pool in local.members : { actions = ["cognito-idp:AdminGetUser"], resources = [pool], conditions = {} }],
      )
    }
    manage_events = {
      description = "Edits events and lists who comes"
      routes = {
        "POST /events"                         = "operator"
        "PUT /events/{id}"                     = "operator"
        "PUT /events/{id}/cancelled"           = "operator"
        "GET /events/{id}/sign-ups"            = "operator"
        "GET /events/{id}/sign-ups/export"     = "operator"
        "DELETE /events/{id}/sign-ups/{guest}" = "operator"
        "POST /admin/events"                   = "admin"
        "PUT /admin/events/{id}"               = "admin"
        "PUT /admin/events/{id}/cancelled"     = "admin"
      }
      timeout = 29
      permissions = [
        local.count_seats,
        local.change_guests,
        local.use_secret,
        {
          actions    = ["dynamodb:PutItem"]
          resources  = [local.events]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "EVENT#*" } }
        },
        {
          actions    = ["dynamodb:GetItem", "dynamodb:PutItem"]
          resources  = [local.events]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "IDEMPOTENCY#*" } }
        },
        {
          actions    = ["dynamodb:Query"]
          resources  = [local.index]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SIGN_UPS#*" } }
        },
      ]
    }
    tend_events = {
      description = "Sends letters about events, frees seats and fills them"
      timeout     = 300
      schedule    = "rate(15 minutes)"
      stream = {
        arn = module.table.stream_arn
        filter = jsonencode({
          eventName = ["INSERT", "MODIFY"]
          dynamodb  = { Keys = { sk = { S = [{ prefix = "SIGN_UP#" }, { prefix = "NEWS#" }] } } }
        })
      }
      permissions = [
        local.count_seats,
        local.change_guests,
        local.use_secret,
        local.list_programme,
        var.mail,
      ]
    }
    events_privacy = {
      description = "Exports and erases what is kept of a guest"
      timeout     = 60
      background  = true
      permissions = [
        local.count_seats,
        local.change_guests,
        local.use_secret,
        {
          actions    = ["dynamodb:Query"]
          resources  = [local.index]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "WHO#*" } }
        },
      ]
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "events"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    EVENTS_TABLE   = module.table.name
    REMINDER_HOURS = jsonencode(var.settings.reminder_hours)
    TIME_ZONE      = var.settings.time_zone
  }
}
