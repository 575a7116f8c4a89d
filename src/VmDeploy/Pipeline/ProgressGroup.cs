namespace VmDeploy.PowerShell;

/// <summary>The progress bars of one of several operations that run at the same time; each operation counts its bars from 0.</summary>
internal sealed class ProgressGroup(IProgress<OperationProgress> progress, int number) : IProgress<OperationProgress>
{
    private const int Bars = 10_000;

    public void Report(OperationProgress value) => progress.Report(value with
    {
        Id = value.Id + (number * Bars),
        ParentId = value.ParentId < 0 ? value.ParentId : value.ParentId + (number * Bars),
    });
}
