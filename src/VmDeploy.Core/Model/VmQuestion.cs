namespace VmDeploy;

/// <summary>An answer that a host offers.</summary>
/// <param name="Key">The host's key for it.</param>
/// <param name="Text">The text that it shows.</param>
public sealed record VmAnswer(string Key, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Text);
}

/// <summary>A question about a VM; the host waits with the VM until somebody answers it.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Id">The host's id for the question.</param>
/// <param name="Text">The question.</param>
public sealed record VmQuestion(Vm Vm, string Id, string Text)
{
    /// <summary>The answers that the host accepts.</summary>
    public IReadOnlyList<VmAnswer> Answers { get; init => field = value.AsText(); } = Array.Empty<VmAnswer>().AsText();

    /// <summary>The answer that the host suggests, if any.</summary>
    public VmAnswer? Default { get; init; }

    /// <summary>The address of its host, for tables that mix sessions.</summary>
    public string Server => Vm.Server;

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Text);

    /// <summary>The answer with this text or this key, not case-sensitive.</summary>
    /// <exception cref="VmDeployException"><c>AnswerUnknown</c>, naming the valid ones.</exception>
    internal VmAnswer Find(string answer) =>
        Answers.FirstOrDefault(one => string.Equals(one.Text, answer.Trim(), StringComparison.OrdinalIgnoreCase))
        ?? Answers.FirstOrDefault(one => string.Equals(one.Key, answer.Trim(), StringComparison.OrdinalIgnoreCase))
        ?? throw new VmDeployException(ErrorCodes.AnswerUnknown,
            $"'{answer}' does not answer the question of VM '{Vm.Name}': {Text} {Names.Available(Answers.Select(one => one.Text))}", answer);
}
