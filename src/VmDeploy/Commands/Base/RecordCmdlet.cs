namespace VmDeploy.PowerShell;

/// <summary>
/// A cmdlet whose parameters bind from the properties of pipeline objects, so that it also takes the records of JSON and CSV files.
/// It refuses values that PowerShell did not bind, and reports keys that it ignored.
/// </summary>
public abstract class RecordCmdlet : AsyncCmdlet
{
    private readonly HashSet<string> _warned = [];
    private IReadOnlyCollection<string> _typed = [];

    /// <summary>The pipeline object, kept to check what it is, and that none of its values was ignored.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    [Record]
    public PSObject? InputObject { get; set; }

    /// <summary>Refuse a record with keys that are ignored, instead of warning.</summary>
    [Parameter]
    public SwitchParameter StrictKeys { get; set; }

    private bool IsAnyBound => MyInvocation.BoundParameters.Keys.Any(name => name != nameof(InputObject) && !IsTyped(name));

    /// <summary>Whether the records are job files, with no keys that are not meant for this module.</summary>
    private protected virtual bool TakesJobs => false;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _typed = [.. MyInvocation.BoundParameters.Keys];
    }

    /// <summary>Whether this command has not warned of it yet.</summary>
    internal bool IsFirst(string warning) => _warned.Add(warning);

    /// <summary>Whether a parameter was given on the command line, and not by the pipeline.</summary>
    private protected bool IsTyped(string parameter) => _typed.Contains(parameter);

    /// <summary>A given text; an empty one from the pipeline (a cell of a CSV file) counts as absent.</summary>
    private protected string? Given(string parameter, string? value) => value is "" && !IsTyped(parameter) ? null : value;

    /// <inheritdoc/>
    private protected sealed override void CheckInput()
    {
        if (!RecordCheck.IsRecord(InputObject))
        {
            if (MyInvocation.ExpectingInput && InputObject is not null && !IsAnyBound)
                throw new VmDeployException(ErrorCodes.PipelineValueInvalid, $"'{InputObject}' from the pipeline would be ignored: no parameter takes it.", InputObject);
            return;
        }
        RecordCheck.CheckValues(this, InputObject!);
        var isRead = TakesJobs || IsAnyBound;
        if (isRead && !StrictKeys && RecordCheck.IsExport(InputObject!))
            return;
        var ignored = RecordCheck.FindIgnored(this, InputObject!, !TakesJobs && !StrictKeys, StrictKeys).ToList();
        if (!isRead)
            throw new VmDeployException(ErrorCodes.PipelineValueInvalid, string.Join(" ", ignored.Prepend($"'{InputObject}' from the pipeline would be ignored: none of its keys is read.")), InputObject);
        if (StrictKeys && ignored.Count > 0)
            throw new VmDeployException(ErrorCodes.PipelineValueInvalid, string.Join(" ", ignored), InputObject);
        // The rows of a CSV file have the same keys.
        foreach (var message in ignored.Where(IsFirst))
            WriteWarning(message);
    }
}
