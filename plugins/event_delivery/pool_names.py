"""What are our pools in Airflow called?"""

UPLOAD_POOL, UPLOAD_RETRY_POOL = "sftp_uploads", "sftp_upload_retries"
SOURCE_POOL = "sftp_extracts"
