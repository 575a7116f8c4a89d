namespace VmDeploy.Ova;

/// <summary>What hosts refuse in a descriptor, and the edit that makes them accept it.</summary>
/// <param name="Problem">What is refused, for example <c>hardware family 'virtualbox-2.2'</c>.</param>
/// <param name="Edit">The edit, for example <c>hardware family 'virtualbox-2.2' replaced by vmx-13</c>.</param>
public sealed record OvfIncompatibility(string Problem, string Edit)
{
    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Problem);
}
