// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {CreditBook} from "../contracts/CreditBook.sol";
import {LimitBook} from "../contracts/LimitBook.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {MarkDownTest} from "./MarkDownTest.sol";

contract MarkDownFacts is MarkDownTest {
    CreditBook.Evidence internal quarter;

    function setUp() public {
        deployPriced();
        CreditBook.Evidence memory it = evidence(1e18, 250_000);
        quarter.sharePpm = it.sharePpm;
        quarter.lots.push(it.lots[0]);
        quarter.lots.push(it.lots[1]);
        credited(1, 1_000e18);
    }

    function test_mark_down_worked_example() public {
        equal(book.floorOf(quarter), 500e18, "(2,000 less a fifth, and 400) by a quarter");
        CreditBook.MarkDown memory it = markDown(1, 500e18, quarter);
        bytes[] memory list = signed(it);
        vm.expectEmit(address(book));
        emit CreditBook.MarkedDown(alice, venue, it, 1_000e18, 500e18, book.markDownDigestOf(it));
        book.markDown(it, quarter, list);
        equal(book.creditOf(alice, venue), 500e18, "lowered");
        equal(book.limitOf(alice, venue, market).credit, 500e18, "in every market");
        (uint64 sequence, uint64 markedAt) = book.lastMarkDownOf(alice, venue);
        equal(sequence, 1, "sequence");
        equal(markedAt, START, "when");
    }

    function test_mark_down_edge_never_below_the_floor() public {
        refuse(markDown(1, 500e18 - 1, quarter), quarter, CreditBook.BelowFloor.selector);
        eth.set(1_500e8); // the chain's own price decides: (1,200 + 400) / 4
        lower(markDown(1, 400e18, quarter), quarter);
        refuse(markDown(2, 400e18 - 1, quarter), quarter, CreditBook.BelowFloor.selector);
    }

    function test_mark_down_edge_never_up_and_not_level() public {
        refuse(markDown(1, 1_000e18, quarter), quarter, CreditBook.NotLower.selector);
        refuse(markDown(1, 1_000e18 + 1, quarter), quarter, CreditBook.NotLower.selector);
        lower(markDown(1, 1_000e18 - 1, quarter), quarter);
    }

    function test_mark_down_error_sequence() public {
        lower(markDown(5, 900e18, quarter), quarter);
        refuse(markDown(5, 800e18, quarter), quarter, CreditBook.Stale.selector);
        refuse(markDown(4, 800e18, quarter), quarter, CreditBook.Stale.selector);
        lower(markDown(6, 800e18, quarter), quarter);
    }

    function test_mark_down_edge_fresh_only() public {
        CreditBook.MarkDown memory it = markDown(1, 900e18, quarter);
        vm.warp(START + 301);
        refuse(it, quarter, CreditBook.TooOld.selector);
        vm.warp(START + 300);
        lower(it, quarter);
        it = markDown(2, 800e18, quarter);
        it.issuedAt += 16;
        refuse(it, quarter, CreditBook.FromFuture.selector);
        it.issuedAt -= 1;
        lower(it, quarter);
    }

    function test_mark_down_error_no_price_no_cut() public {
        vm.warp(START + 1 hours + 1);
        refuse(markDown(1, 900e18, quarter), quarter, CreditBook.AssetPriceUnfit.selector);
        usdc.set(1e8);
        eth.set(0);
        refuse(markDown(1, 900e18, quarter), quarter, CreditBook.AssetPriceUnfit.selector);
        eth.setAt(2_000e8, block.timestamp + 1);
        refuse(markDown(1, 900e18, quarter), quarter, CreditBook.AssetPriceUnfit.selector);
        eth.setAt(2_000e8, block.timestamp - 1 hours);
        lower(markDown(1, 900e18, quarter), quarter);
    }

    function test_mark_down_error_evidence() public {
        CreditBook.MarkDown memory it = markDown(1, 900e18, quarter);
        CreditBook.Evidence memory other = evidence(1e18, 249_999);
        refuse(it, other, CreditBook.WrongEvidence.selector);
        other = evidence(1e18, 1_000_001);
        refuse(markDown(1, 900e18, other), other, CreditBook.OutOfBounds.selector);
        other = evidence(1e18, 250_000);
        other.lots[0].haircutPpm = 300_001;
        refuse(markDown(1, 900e18, other), other, CreditBook.OutOfBounds.selector);
        other.lots[0].haircutPpm = 300_000;
        lower(markDown(1, 900e18, other), other);
        other.lots[0].asset = keccak256("DOGE");
        refuse(markDown(2, 800e18, other), other, CreditBook.UnknownAsset.selector);
        other.lots = new CreditBook.Lot[](33);
        refuse(markDown(2, 800e18, other), other, CreditBook.OutOfBounds.selector);
    }

    function test_mark_down_edge_nothing_left_is_nothing() public {
        CreditBook.Evidence memory none;
        lower(markDown(1, 0, none), none);
        equal(book.creditOf(alice, venue), 0, "gone");
    }

    function test_mark_down_error_signatures_epoch_and_pause() public {
        CreditBook.MarkDown memory it = markDown(1, 900e18, quarter);
        bytes[] memory list = new bytes[](1);
        list[0] = signature(keys[0], book.markDownDigestOf(it));
        vm.expectPartialRevert(SignerSet.NotEnoughSigners.selector);
        book.markDown(it, quarter, list);
        list = signatures(book.markDownDigestOf(it), settlementKeys[0], settlementKeys[1]);
        vm.expectPartialRevert(SignerSet.BadSigner.selector);
        book.markDown(it, quarter, list);
        vm.prank(guardian);
        book.bumpEpoch();
        refuse(it, quarter, SignerSet.WrongEpoch.selector);
        vm.prank(guardian);
        book.pause();
        refuse(markDown(1, 900e18, quarter), quarter, Pausable.EnforcedPause.selector);
    }

    function test_certificate_edge_one_from_before_does_not_undo_it() public {
        LimitBook.Limit memory before = limit(2, 100e18);
        before.credit = 1_000e18;
        vm.warp(START + 10);
        lower(markDown(1, 600e18, quarter), quarter);
        refuse(before, CreditBook.IssuedBeforeMarkDown.selector);
        before.credit = 600e18; // raises nothing
        accept(before);
        LimitBook.Limit memory later = limit(3, 100e18);
        later.credit = 700e18;
        refuse(later, CreditBook.IssuedBeforeMarkDown.selector); // issued in the same second
        vm.warp(START + 11);
        later = limit(3, 100e18);
        later.credit = 700e18;
        accept(later);
        equal(book.creditOf(alice, venue), 700e18, "a later one raises");
    }

    /// @dev Two signers' clocks: the second mark-down was issued by the slower one.
    function test_certificate_edge_a_second_mark_down_does_not_move_the_first_back() public {
        vm.warp(START + 9);
        LimitBook.Limit memory between = limit(2, 100e18);
        between.credit = 1_000e18;
        vm.warp(START + 10);
        lower(markDown(1, 600e18, quarter), quarter);
        CreditBook.MarkDown memory second = markDown(2, 550e18, quarter);
        second.issuedAt = START + 8;
        lower(second, quarter);
        refuse(between, CreditBook.IssuedBeforeMarkDown.selector);
        equal(book.creditOf(alice, venue), 550e18, "as marked down");
    }

    function test_set_asset_error() public {
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        book.setAsset(WETH, CreditBook.Asset(eth, 1 hours, 18, 0));
        vm.startPrank(owner);
        vm.expectPartialRevert(CreditBook.OutOfBounds.selector);
        book.setAsset(0, CreditBook.Asset(eth, 1 hours, 18, 0));
        vm.expectPartialRevert(CreditBook.OutOfBounds.selector);
        book.setAsset(WETH, CreditBook.Asset(eth, 0, 18, 0));
        vm.expectPartialRevert(CreditBook.OutOfBounds.selector);
        book.setAsset(WETH, CreditBook.Asset(eth, 1 hours, 19, 0));
        vm.expectPartialRevert(CreditBook.OutOfBounds.selector);
        book.setAsset(WETH, CreditBook.Asset(eth, 1 hours, 18, 1e6 + 1));
        book.setAsset(WETH, CreditBook.Asset(eth, 1 hours, 18, 1e6));
        vm.stopPrank();
        equal(book.assetOf(WETH).maxHaircutPpm, 1e6, "set");
    }

    /// @dev Whatever is signed: credit only falls, and never below the floor at this chain's price.
    function testFuzz_mark_down(uint128 credit, uint32 share, uint96 amount, uint64 price) public {
        CreditBook.Evidence memory it = evidence(amount, uint32(bound(share, 0, 1e6)));
        eth.set(int256(bound(price, 1, 1e15)));
        uint256 floor = book.floorOf(it);
        CreditBook.MarkDown memory order = markDown(1, credit, it);
        try book.markDown(order, it, signed(order)) {
            holds(credit < 1_000e18 && credit >= floor, "lower, and not below the floor");
            equal(book.creditOf(alice, venue), credit, "as signed");
        } catch {
            holds(credit >= 1_000e18 || credit < floor, "refused for a reason");
            equal(book.creditOf(alice, venue), 1_000e18, "untouched");
        }
    }
}
