locals {
  chat = module.chat.arn
  room = aws_ivschat_room.this.arn

  # What each function answers, who may call it, and all that it may do. Those that anybody can reach see the
  # items that they need and no others:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  functions = {
    guest_token = {
      description = "Lets a guest read the chat"
      routes      = { "POST /chat/guest-token" = "public" }
      throttle    = { rate = 20, burst = 50 }
      permissions = [
        {
          actions    = ["dynamodb:GetItem", "dynamodb:PutItem"]
          resources  = [local.chat]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } }
        },
        {
          actions    = ["dynamodb:UpdateItem"]
          resources  = [local.chat]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "RATE#*" } }
        },
        { actions = ["ivschat:CreateChatToken"], resources = [local.room] },
      ]
    }
    member_token = {
      description = "Lets a member into the chat"
      routes      = { "POST /chat/token" = "member" }
      throttle    = { rate = 20, burst = 50 }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], resources = [local.chat] },
        { actions = ["ivschat:CreateChatToken"], resources = [local.room] },
      ]
    }
    moderate_chat = {
      description = "Keeps order in the chat for moderators"
      routes = {
        "DELETE /chat/messages/{id}" = "moderator"
        "PUT /chat/bans/{member}"    = "moderator"
        "DELETE /chat/bans/{member}" = "moderator"
        "GET /chat/bans"             = "moderator"
        "PUT /chat/slow-mode"        = "moderator"
        "GET /chat/audit"            = "admin"
      }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"], resources = [local.chat] },
        { actions = ["ivschat:DeleteMessage", "ivschat:DisconnectUser"], resources = [local.room] },
      ]
    }
    ivs_chat_privacy = {
      description = "Hands out and erases what the chat keeps of a person"
      background  = true # operators and user-auth call it
      timeout     = 300
      permissions = concat(
        [
          { actions = ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"], resources = [local.chat] },
        ],
        [
          for group in aws_cloudwatch_log_group.messages :
          { actions = ["logs:FilterLogEvents"], resources = [group.arn, "${group.arn}:*"] }
        ],
      )
    }
  }

  # The room is made after what reviews its messages, and before what calls the room.
  reviews = {
    review_message = {
      description = "Reviews messages of the chat"
      timeout     = 5
      memory      = 1024 # for its share of a processor: IVS waits 200 ms
      permissions = [
        {
          actions    = ["dynamodb:Query"]
          resources  = [local.chat]
          conditions = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "ROOM" } }
        },
        {
          actions    = ["dynamodb:UpdateItem"]
          resources  = [local.chat]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "MEMBER#*" } }
        },
      ]
    }
  }

  review_arn = module.reviews.arns["review_message"]
}

module "functions" {
  source = "../lambda-functions"

  module             = "ivs-chat"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = { for name, function in local.functions : name => function if name != "guest_token" || var.settings.guests }
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    CHAT_TABLE = module.chat.name
    ROOM_ARN   = local.room

    # Where the room's messages are, for as long as they are.
    MESSAGE_LOG        = join("", aws_cloudwatch_log_group.messages[*].name)
    LOG_RETENTION_DAYS = tostring(var.settings.log_retention_days)
  }
}

module "reviews" {
  source = "../lambda-functions"

  module             = "ivs-chat"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.reviews
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    CHAT_TABLE = module.chat.name
  }
}

# Any room of the account, which is one creator's: the room has no ARN yet.
# https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/security-iam.html#security-chat-policy-examples
resource "aws_lambda_permission" "review" {
  statement_id   = "ivs-chat"
  action         = "lambda:InvokeFunction"
  function_name  = module.reviews.names["review_message"]
  principal      = "ivschat.amazonaws.com"
  source_account = var.creator.account_id
  source_arn     = "${replace(split(":function:", local.review_arn)[0], ":lambda:", ":ivschat:")}:room/*"
}
