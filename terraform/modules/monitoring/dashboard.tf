# One page for the creator; the first three dashboards of an account are free. A row is a list of widgets of one
# height, which share its width: so nothing can overlap. What modules count is found by searching: a metric that a
# module begins to count shows up by itself.
locals {
  row_height = 6
  columns    = 24
  channel    = var.channel_arn == null ? null : reverse(split("/", var.channel_arn))[0]


  stream_row = var.has_channel ? [
    { title = "Viewers", metrics = [["AWS/IVS", "ConcurrentViews", "Channel", local.channel, { stat = "Maximum" }]] },
    { title = "Ingest bitrate", unit = "bit/s", metrics = [
      ["AWS/IVS", "IngestVideoBitrate", "Channel", local.channel, { label = "video" }],
      ["AWS/IVS", "IngestAudioBitrate", "Channel", local.channel, { label = "audio" }],
    ] },
    { title = "Frames a second, and seconds between keyframes", metrics = [
      ["AWS/IVS", "IngestFramerate", "Channel", local.channel, { label = "frames a second" }],
      ["AWS/IVS", "KeyframeInterval", "Channel", local.channel, { label = "keyframe interval", yAxis = "right" }],
    ] },
  ] : null

  api_row = [
    { title = "API: requests", metrics = [
      for name, label in { Count = "requests", "4xx" = "4xx", "5xx" = "5xx" } : ["AWS/ApiGateway", name, "ApiId", var.api.id, "Stage", "$default", { stat = "Sum", label = label }]
    ] },
    { title = "API: latency", unit = "ms", metrics = [
      for stat in ["p50", "p95"] : ["AWS/ApiGateway", "Latency", "ApiId", var.api.id, "Stage", "$default", { stat = stat, label = stat }]
    ] },
    { title = "Queue of failures", metrics = [
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.failures_queue, { stat = "Maximum", label = "events" }],
    ] },
  ]

  function_row = [
    { title = "Functions: errors and throttles", metrics = [
      ["AWS/Lambda", "Errors", { stat = "Sum" }],
      ["AWS/Lambda", "Throttles", { stat = "Sum" }],
      [{ expression = "SEARCH('{fleet,service} MetricName=\"Faults\"', 'Sum', 300)", label = "Faults of $${PROP('Dim.service')}" }],
    ] },
    { title = "Functions: duration, p95", unit = "ms", metrics = [
      [{ expression = "SEARCH('{AWS/Lambda,FunctionName} MetricName=\"Duration\"', 'p95', 300)", label = "$${PROP('Dim.FunctionName')}" }],
    ] },
    { title = "Functions: at once", metrics = [["AWS/Lambda", "ConcurrentExecutions", { stat = "Maximum" }]] },
  ]

  table_row = [
    { title = "Tables: refused requests", metrics = [
      [{ expression = "SEARCH('{AWS/DynamoDB,Operation,TableName} MetricName=\"ThrottledRequests\"', 'Sum', 300)", label = "$${PROP('Dim.TableName')} $${PROP('Dim.Operation')}" }],
    ] },
    { title = "Tables: units written", metrics = [
      [{ expression = "SEARCH('{AWS/DynamoDB,TableName} MetricName=\"ConsumedWriteCapacityUnits\"', 'Sum', 300)", label = "$${PROP('Dim.TableName')}" }],
    ] },
    { title = "Tables: units read", metrics = [
      [{ expression = "SEARCH('{AWS/DynamoDB,TableName} MetricName=\"ConsumedReadCapacityUnits\"', 'Sum', 300)", label = "$${PROP('Dim.TableName')}" }],
    ] },
  ]

  # In us-east-1 whatever the creator's region, and only where the account has switched billing metrics on.
  cost_row = [
    { title = "Charges of this month so far", unit = "US $", region = "us-east-1", period = 21600, budget = var.monthly_budget, metrics = [
      ["AWS/Billing", "EstimatedCharges", "Currency", "USD", { stat = "Maximum", label = "estimated" }],
    ] },
  ]

  # What the modules' functions count in the namespace `fleet`, by the module's name.
  counting = [for name in var.enabled_modules : name if name != "s3-website"]
  module_rows = [
    for names in chunklist(local.counting, 3) : [
      for name in names : { title = name, period = 3600, metrics = [
        [{ expression = "SEARCH('{fleet,service} service=\"${name}\" NOT MetricName=\"Faults\"', 'Sum', 3600)", label = "$${PROP('MetricName')}" }],
      ] }
    ]
  ]
  rows = [
    for row in concat([local.stream_row], [local.api_row, local.function_row], [local.table_row], local.module_rows, [local.cost_row]) : [
      for widget in row : widget
    ] if row != null
  ]

  widgets = flatten([
    for y, row in local.rows : [
      for x, widget in row : {
        type   = "metric"
        x      = x * floor(local.columns / length(row))
        y      = y * local.row_height
        width  = floor(local.columns / length(row))
        height = local.row_height
        properties = merge(
          {
            title   = widget.title
            view    = "timeSeries"
            region  = try(widget.region, local.region)
            period  = try(widget.period, 300)
            metrics = widget.metrics
          },
          can(widget.unit) ? { yAxis = { left = { label = widget.unit, showUnits = false, min = 0 } } } : { yAxis = { left = { min = 0 } } },
          can(widget.budget) ? { annotations = { horizontal = [{ label = "budget", value = widget.budget }] } } : {},
        )
      }
    ]
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.creator.slug
  dashboard_body = jsonencode({ start = "-PT24H", periodOverride = "inherit", widgets = local.widgets })
}
