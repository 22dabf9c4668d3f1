#pragma once
/* Every statement that runs more than once, prepared when its connection is opened. */

enum statement {
    /* of the writer */
    STMT_BEGIN,
    STMT_COMMIT,
    STMT_PROBE,
    STMT_MESSAGE_PUT,
    STMT_CHUNK_PUT,
    STMT_MESSAGE_FLAGS,
    STMT_MESSAGE_MARK,
    STMT_MESSAGE_DELETE,
    STMT_MESSAGE_NEWEST,
    STMT_CLEAR_INBOX,
    STMT_CLEAR_ALL,
    STMT_WRITER_COUNT,

    /* of the readers */
    STMT_SNAPSHOT = STMT_WRITER_COUNT,
    STMT_SNAPSHOT_END,
    STMT_LIST_NEWEST,
    STMT_LIST_OLDEST,
    STMT_LIST_INBOX_NEWEST,
    STMT_LIST_INBOX_OLDEST,
    STMT_MESSAGE_GET,
    STMT_MESSAGE_SIZE,
    STMT_CHUNK_GET,
    STMT_INBOXES,
    STMT_INBOX_BY_ID,
    STMT_INBOX_BY_NAME,
    STMT_TOTALS,
    STMT_COUNT,
};

/* Columns of the statements that read a message. */
enum message_column {
    MESSAGE_ID,
    MESSAGE_INBOX_ID,
    MESSAGE_INBOX,
    MESSAGE_RECEIVED_AT,
    MESSAGE_SIZE,
    MESSAGE_IS_READ,
    MESSAGE_IS_PINNED,
    MESSAGE_ENVELOPE_FROM,
    MESSAGE_RECIPIENTS,
    MESSAGE_BODY,
    MESSAGE_SMTPUTF8,
    MESSAGE_CLIENT_IP,
    MESSAGE_CLIENT_HELO,
    MESSAGE_SUBJECT,
    MESSAGE_MESSAGE_ID,
    MESSAGE_DATE,
    MESSAGE_PREVIEW,
    MESSAGE_ADDRESSES,
    MESSAGE_TEXT_PART,
    MESSAGE_HTML_PART,
    MESSAGE_PARTS,
};

/* Columns of the statements that read an inbox. */
enum inbox_column {
    INBOX_ID,
    INBOX_NAME,
    INBOX_CREATED_AT,
    INBOX_MESSAGE_COUNT,
    INBOX_UNREAD_COUNT,
    INBOX_SIZE_BYTES,
    INBOX_LAST_MESSAGE_AT,
};

extern const char *const statement_sql[STMT_COUNT];
