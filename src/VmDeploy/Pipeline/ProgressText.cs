namespace VmDeploy.PowerShell;

internal static class ProgressText
{
    /// <summary>One bar: bytes and rate in the status, time left and percent in their own fields.</summary>
    public static ProgressRecord ToRecord(OperationProgress progress, int activityId, int parentId) =>
        new(activityId, NotEmpty(progress.Activity), NotEmpty(Status(progress)))
        {
            ParentActivityId = parentId,
            PercentComplete = Percent(progress),
            SecondsRemaining = progress.TimeLeft is { } left ? (int)Math.Min(int.MaxValue, Math.Ceiling(left.TotalSeconds)) : -1,
            RecordType = progress.IsCompleted ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        };

    private static string Status(OperationProgress progress)
    {
        if (progress.BytesTotal is not { } total)
            return progress.Status;
        var bytes = $"{Readable.Bytes(progress.BytesDone)} of {Readable.Bytes(total)}";
        var rate = progress.BytesPerSecond is { } perSecond ? $", {Readable.Bytes((long)perSecond)}/s" : "";
        return $"{progress.Status}: {bytes}{rate}";
    }

    private static int Percent(OperationProgress progress) => progress switch
    {
        { BytesTotal: > 0 and { } total } => (int)Math.Max(0, Math.Min(100, progress.BytesDone * 100.0 / total)),
        { Percent: { } percent } => Math.Max(0, Math.Min(100, percent)),
        _ => -1,
    };

    // ProgressRecord refuses empty texts.
    private static string NotEmpty(string text) => text.Length == 0 ? " " : PrintableText.Escape(text);
}
