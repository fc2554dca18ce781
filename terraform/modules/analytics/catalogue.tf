# The raw events as a table for questions that nobody thought of: kept for nothing, paid by the question.
locals {
  database = replace("${var.creator.slug}_analytics", "-", "_")
  columns = {
    id       = "Tells events apart that Firehose delivered twice"
    at       = "Moment, ISO 8601 in UTC"
    kind     = "view, or bot of a program"
    page     = "Path without what could name a person"
    referrer = "Host of the page before"
    source   = "utm_source"
    medium   = "utm_medium"
    campaign = "utm_campaign"
    screen   = "small, medium or large"
    language = "Language of the browser"
    visitor  = "Pseudonym of the day, null where none is wanted"
  }

  questions = {
    entry-pages = {
      description = "Pages on which visits of the last week began"
      query       = <<-SQL
        SELECT page, count(*) AS visits
        FROM (SELECT min_by(page, "at") AS page FROM events
              WHERE kind = 'view' AND visitor IS NOT NULL AND day >= to_iso8601(current_date - interval '7' day)
              GROUP BY day, visitor)
        GROUP BY page ORDER BY visits DESC LIMIT 50
      SQL
    }
    hours = {
      description = "Views of the last week by hour of the day (UTC)"
      query       = <<-SQL
        SELECT substr("at", 12, 2) AS hour, count(DISTINCT id) AS views FROM events
        WHERE kind = 'view' AND day >= to_iso8601(current_date - interval '7' day)
        GROUP BY 1 ORDER BY 1
      SQL
    }
  }
}

resource "aws_glue_catalog_database" "this" {
  name        = local.database
  description = "Page views of ${var.creator.slug}"
  tags        = var.tags
}

# Days are worked out from the names of the folders: no crawler runs, and no partition is ever added.
# https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
resource "aws_glue_catalog_table" "events" {
  name          = "events"
  database_name = aws_glue_catalog_database.this.name
  description   = "Single page views of ${var.creator.slug}, kept for ${var.settings.retention_days} days"
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                       = "TRUE"
    "projection.enabled"           = "true"
    "projection.day.type"          = "date"
    "projection.day.format"        = "yyyy-MM-dd"
    "projection.day.range"         = "NOW-${var.settings.retention_days + 1}DAYS,NOW"
    "projection.day.interval"      = "1"
    "projection.day.interval.unit" = "DAYS"
    "storage.location.template"    = "s3://${module.events.bucket_id}/events/day=$${day}/"
  }

  partition_keys {
    name = "day"
    type = "string"
  }

  storage_descriptor {
    location      = "s3://${module.events.bucket_id}/events/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    dynamic "columns" {
      for_each = local.columns

      content {
        name    = columns.key
        type    = "string"
        comment = columns.value
      }
    }
  }
}

# A question reads a gigabyte at most, which costs half a cent.
resource "aws_athena_workgroup" "this" {
  name          = local.stream
  description   = "Questions about page views of ${var.creator.slug}"
  force_destroy = true # answers can be had again
  tags          = var.tags

  configuration {
    bytes_scanned_cutoff_per_query     = 1024 * 1024 * 1024
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = false

    result_configuration {
      output_location       = "s3://${module.events.bucket_id}/answers/"
      expected_bucket_owner = var.creator.account_id

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = local.questions

  name        = each.key
  description = each.value.description
  workgroup   = aws_athena_workgroup.this.id
  database    = aws_glue_catalog_database.this.name
  query       = each.value.query
}
