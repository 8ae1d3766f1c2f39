using Hypermesh.Bpf.Compilation.Assembling;

namespace Hypermesh.Bpf.Compilation.Building;

/// <summary>Writes the code that adds a value to a histogram. R0 has its address, R1 the value; R0 to R5 are used.</summary>
/// <param name="code">Takes the instructions.</param>
/// <param name="isSigned">Whether values can be negative.</param>
/// <param name="range">The slots of a linear one; null for powers of two.</param>
/// <param name="end">The end of the program.</param>
internal sealed class HistogramCode(CodeWriter code, bool isSigned, BpfLinearRange? range, Label end)
{
    internal const int Count = 0;
    internal const int Total = 8;
    internal const int Negative = 16;
    internal const int Slots = 24;

    private const int BitsOfRegister = 64;
    private const int LogOfWord = 3;

    internal void Add()
    {
        code.Set(Register.R2, 1);
        code.AddAtomically(Register.R0, Count, Register.R2);
        code.AddAtomically(Register.R0, Total, Register.R1);
        if (range is null)
        {
            ChoosePower();
        }
        else
        {
            ChooseRange(range);
        }

        code.Apply(Arithmetic.ShiftLeft, Register.R3, LogOfWord);
        code.Apply(Arithmetic.Add, Register.R0, Register.R3);
        code.Set(Register.R2, 1);
        code.AddAtomically(Register.R0, Slots, Register.R2);
    }

    // The number of the highest bit that is set, in R3; 0 for 0. Without jumps, which would be followed in all their combinations.
    private void ChoosePower()
    {
        if (isSigned)
        {
            Label positive = code.NewLabel();
            code.JumpIf(Condition.SignedGreaterOrEqual, Register.R1, 0, positive);
            code.AddAtomically(Register.R0, Negative, Register.R2);
            code.Jump(end);
            code.Mark(positive);
        }

        code.Set(Register.R3, 0);
        for (int power = 5; power >= 0; power--)
        {
            // R2 is 1 if the value has one of the upper bits: then the negation of those bits is negative.
            code.Move(Register.R2, Register.R1);
            code.Apply(Arithmetic.ShiftRight, Register.R2, 1 << power);
            code.Apply(Arithmetic.Negate, Register.R2, 0);
            code.Apply(Arithmetic.ShiftRight, Register.R2, BitsOfRegister - 1);
            code.Apply(Arithmetic.ShiftLeft, Register.R2, power);
            code.Apply(Arithmetic.ShiftRight, Register.R1, Register.R2);
            code.Apply(Arithmetic.Add, Register.R3, Register.R2);
        }

        code.Apply(Arithmetic.And, Register.R3, BitsOfRegister - 1);
    }

    // The slot in R3: 0 for what is below, the last one for what is not below the end.
    private void ChooseRange(BpfLinearRange range)
    {
        Label chosen = code.NewLabel();
        Condition below = isSigned || range.From < 0 ? Condition.SignedLess : Condition.Less;
        Condition above = isSigned || range.From < 0 ? Condition.SignedGreaterOrEqual : Condition.GreaterOrEqual;
        code.Set(Register.R3, 0);
        code.Set(Register.R2, range.From);
        code.JumpIf(below, Register.R1, Register.R2, chosen);
        code.Set(Register.R3, range.Slots - 1);
        code.Set(Register.R4, range.End);
        code.JumpIf(above, Register.R1, Register.R4, chosen);
        code.Apply(Arithmetic.Subtract, Register.R1, Register.R2);
        code.Set(Register.R2, range.Step);
        code.Apply(Arithmetic.Divide, Register.R1, Register.R2);
        code.Apply(Arithmetic.Add, Register.R1, 1);

        // The verifier does not follow the division.
        code.JumpIf(Condition.Greater, Register.R1, range.Slots - 1, chosen);
        code.Move(Register.R3, Register.R1);
        code.Mark(chosen);
    }
}
